/** Switches of an account that are always off here, because what they would turn on is not offered. */
import type {
  GetEbsEncryptionByDefaultRequest,
  GetEbsEncryptionByDefaultResult,
  GetSerialConsoleAccessStatusRequest,
  GetSerialConsoleAccessStatusResult,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';

export async function getEbsEncryptionByDefault(
  _cloud: Cloud,
  input: GetEbsEncryptionByDefaultRequest,
  _caller: Caller,
): Promise<GetEbsEncryptionByDefaultResult> {
  endDryRun(input);
  return { EbsEncryptionByDefault: false, SseType: 'none' };
}

/** The console can be read (GetConsoleOutput, `ingot console`), not written to through EC2's serial console. */
export async function getSerialConsoleAccessStatus(
  _cloud: Cloud,
  input: GetSerialConsoleAccessStatusRequest,
  _caller: Caller,
): Promise<GetSerialConsoleAccessStatusResult> {
  endDryRun(input);
  return { SerialConsoleAccessEnabled: false, ManagedBy: 'account' };
}
