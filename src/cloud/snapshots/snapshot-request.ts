/** What CreateSnapshot, CreateSnapshots and CopySnapshot check alike. */
import { invalidParameterValue, unsupported } from '../../ec2/request-faults.ts';

export function checkedDescription(description: string | undefined): string {
  if (description === undefined) return '';
  if (description.length <= 255) return description;
  throw invalidParameterValue(
    `The description has ${description.length} characters; at most 255 are allowed`,
  );
}

export function checkPlace(input: {
  readonly OutpostArn?: string | undefined;
  readonly Location?: string | undefined;
}): void {
  if (input.OutpostArn !== undefined && input.OutpostArn !== '')
    throw unsupported('This cloud has no Outposts');
  if (input.Location === 'local') {
    throw unsupported('This cloud has no Local Zones; leave Location out, or give regional');
  }
}
