/**
 * EC2's rules for an image's name and description (CreateImage, RegisterImage, CopyImage). The character set
 * is the wider one of the parameter's documentation, which clients such as Packer check beforehand too.
 */
import { Ec2Fault } from '../../ec2/faults.ts';

const nameForm = /^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/;

export function checkedName(name: string | undefined): string {
  if (name === undefined)
    throw new Ec2Fault('MissingParameter', 'The request must contain the parameter Name');
  if (!nameForm.test(name)) {
    throw new Ec2Fault(
      'InvalidAMIName.Malformed',
      `AMI names must be between 3 and 128 characters long, and may contain letters, numbers, spaces, and ` +
        `( ) [ ] . / - ' @ _ ; given: '${name}'`,
    );
  }
  return name;
}

export function checkedDescription(description: string | undefined): string | null {
  if (description === undefined || description === '') return null;
  if (description.length > 255) {
    throw new Ec2Fault(
      'InvalidParameterValue',
      `The description has ${description.length} characters; at most 255 are allowed`,
    );
  }
  return description;
}
