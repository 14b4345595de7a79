/** What EC2 says of a parameter, whatever the resource. Each returns the fault, for the caller to throw. */
import { Ec2Fault } from './faults.ts';

export function missingParameter(name: string): Ec2Fault {
  return new Ec2Fault('MissingParameter', `The request must contain the parameter ${name}`);
}

/** `parameter` as EC2 spells it in messages: 'availabilityZone', 'maxResults'; `allowed` is a whole sentence. */
export function invalidValue(value: unknown, parameter: string, allowed = ''): Ec2Fault {
  const text = `Value (${String(value)}) for parameter ${parameter} is invalid. ${allowed}`;
  return new Ec2Fault('InvalidParameterValue', text.trimEnd());
}

/** For what `invalidValue` cannot word. */
export function invalidParameterValue(message: string): Ec2Fault {
  return new Ec2Fault('InvalidParameterValue', message);
}

export function invalidCombination(message: string): Ec2Fault {
  return new Ec2Fault('InvalidParameterCombination', message);
}

export function notTogether(first: string, second: string): Ec2Fault {
  return invalidCombination(`The parameter ${first} cannot be used with the parameter ${second}`);
}

export function invalidInstanceType(instanceType: string): Ec2Fault {
  return invalidParameterValue(`Invalid value '${instanceType}' for InstanceType.`);
}

export function invalidRegion(region: string): Ec2Fault {
  return invalidParameterValue(`Invalid region '${region}'`);
}

export function reservedTagKey(): Ec2Fault {
  return invalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use");
}

export function tagLimitExceeded(): Ec2Fault {
  return new Ec2Fault('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
}

export function malformedUserId(userId: string): Ec2Fault {
  return new Ec2Fault('InvalidUserID.Malformed', `Invalid user id: "${userId}"`);
}

/** A launch permission that names no account. */
export function invalidAttributeItem(value: string, itemType = 'userId'): Ec2Fault {
  return new Ec2Fault(
    'InvalidAMIAttributeItemValue',
    `Invalid attribute item value "${value}" for ${itemType} item type.`,
  );
}

/** The same ClientToken with other parameters. */
export function idempotencyMismatch(): Ec2Fault {
  return new Ec2Fault(
    'IdempotentParameterMismatch',
    'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
  );
}

/** The caller does not own it: `Not authorized for image:ami-…`. */
export function notAuthorizedFor(
  resource: 'image' | 'snapshot' | 'volume' | 'instance',
  id: string,
): Ec2Fault {
  return new Ec2Fault('AuthFailure', `Not authorized for ${resource}:${id}`);
}

export function unauthorizedOperation(): Ec2Fault {
  return new Ec2Fault('UnauthorizedOperation', 'You are not authorized to perform this operation.');
}

export function operationNotPermitted(message: string): Ec2Fault {
  return new Ec2Fault('OperationNotPermitted', message);
}

/** A value that EC2 has and this cloud has not: what was given, and what is served. */
export function unsupported(message: string): Ec2Fault {
  return new Ec2Fault('UnsupportedOperation', message);
}
