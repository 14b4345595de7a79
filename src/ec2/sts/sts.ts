/** The one action of STS that EC2 tools need, on the same port: who am I? (Query protocol, 2011-06-15.) */
import { Ec2Fault } from '../faults.ts';
import type { Parameters } from '../form.ts';
import type { AccessKey } from '../types.ts';
import { escapeXml } from '../xml.ts';

export const stsNamespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

export interface CallerIdentity {
  readonly Arn: string;
  readonly UserId: string;
  readonly Account: string;
}

/** The identity that follows from the key alone; the account's `root` is an ARN of its own. */
export function identityOf({ accountId, userName }: AccessKey): CallerIdentity {
  if (userName === 'root')
    return { Arn: `arn:aws:iam::${accountId}:root`, UserId: accountId, Account: accountId };
  return { Arn: `arn:aws:iam::${accountId}:user/${userName}`, UserId: userName, Account: accountId };
}

/** Throws InvalidAction for anything but GetCallerIdentity. */
export function answerSts(parameters: Parameters, identity: () => CallerIdentity, requestId: string): string {
  const action = parameters.get('Action') ?? '';
  if (action !== 'GetCallerIdentity') {
    throw new Ec2Fault('InvalidAction', `Could not find operation ${action} for version 2011-06-15`);
  }
  const { Arn, UserId, Account } = identity();
  return (
    `<GetCallerIdentityResponse xmlns="${stsNamespace}"><GetCallerIdentityResult>` +
    `<Arn>${escapeXml(Arn)}</Arn><UserId>${escapeXml(UserId)}</UserId><Account>${escapeXml(Account)}</Account>` +
    `</GetCallerIdentityResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>` +
    '</GetCallerIdentityResponse>'
  );
}

export function encodeStsFault(fault: Ec2Fault, requestId: string): string {
  return (
    `<ErrorResponse xmlns="${stsNamespace}"><Error><Type>${fault.status < 500 ? 'Sender' : 'Receiver'}</Type>` +
    `<Code>${escapeXml(fault.code)}</Code><Message>${escapeXml(fault.message)}</Message></Error>` +
    `<RequestId>${requestId}</RequestId></ErrorResponse>`
  );
}
