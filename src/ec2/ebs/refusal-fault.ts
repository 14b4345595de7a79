/** A refused signature in the words of AWS's JSON services. */
import type { SignatureRefused } from '../sigv4/refusal.ts';
import { EbsFault } from './faults.ts';

export function ebsRefusalFault(refused: SignatureRefused): EbsFault {
  const { kind, message } = refused;
  const options = { cause: refused };
  switch (kind) {
    case 'missing':
      return new EbsFault('MissingAuthenticationTokenException', 'Missing Authentication Token', options);
    case 'malformed':
      return new EbsFault('IncompleteSignatureException', message, options);
    case 'unknown-key':
      return new EbsFault(
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
        options,
      );
    case 'expired':
    case 'not-yet-valid':
      return new EbsFault(
        'InvalidSignatureException',
        `Signature expired or not yet current: ${message}`,
        options,
      );
    case 'mismatch':
    case 'other-service':
      return new EbsFault(
        'InvalidSignatureException',
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
        options,
      );
    default:
      return kind satisfies never;
  }
}
