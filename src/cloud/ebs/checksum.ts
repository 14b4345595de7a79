import { invalid } from '../../ec2/ebs/faults.ts';

/** A SHA-256 as EBS carries it, in base64, as hexadecimal. */
export function hexChecksum(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 32) return bytes.toString('hex');
  throw invalid('INVALID_PARAMETER_VALUE', 'Checksum must be a SHA-256 of 32 bytes, in base64.');
}
