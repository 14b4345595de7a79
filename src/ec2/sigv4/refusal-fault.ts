/** A refused signature in EC2's words and in STS's. */
import { Ec2Fault } from '../faults.ts';
import type { SignatureRefused } from './refusal.ts';

const notValidated = 'AWS was not able to validate the provided access credentials';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#CommonErrors */
export function ec2RefusalFault(refused: SignatureRefused): Ec2Fault {
  const { kind, message } = refused;
  const options = { cause: refused };
  switch (kind) {
    case 'missing':
      return new Ec2Fault(
        'MissingAuthenticationToken',
        'The request must contain a valid AWS access key ID',
        options,
      );
    case 'malformed':
      return new Ec2Fault(
        'IncompleteSignature',
        `The request signature does not conform to AWS standards: ${message}`,
        options,
      );
    case 'expired':
      return new Ec2Fault('RequestExpired', 'Request has expired.', options);
    case 'not-yet-valid':
      return new Ec2Fault('RequestExpired', `Request is not yet valid: ${message}`, options);
    case 'other-service':
      return new Ec2Fault('AuthFailure', `${notValidated}: ${message}`, options);
    case 'unknown-key':
    case 'mismatch':
      return new Ec2Fault('AuthFailure', notValidated, options);
    default:
      return kind satisfies never;
  }
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export function stsRefusalFault(refused: SignatureRefused): Ec2Fault {
  const { kind, message } = refused;
  const options = { cause: refused };
  switch (kind) {
    case 'missing':
      return new Ec2Fault('MissingAuthenticationToken', 'Request is missing Authentication Token', options);
    case 'malformed':
      return new Ec2Fault('IncompleteSignature', message, options);
    case 'unknown-key':
      return new Ec2Fault(
        'InvalidClientTokenId',
        'The security token included in the request is invalid.',
        options,
      );
    case 'expired':
    case 'not-yet-valid':
      return new Ec2Fault(
        'SignatureDoesNotMatch',
        `Signature expired or not yet current. ${message}`,
        options,
      );
    case 'mismatch':
    case 'other-service':
      return new Ec2Fault(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
        options,
      );
    default:
      return kind satisfies never;
  }
}
