/** What people should know before they say yes. */
import type { Instance } from '@aws-sdk/client-ec2';
import { tagsOf } from '../aws/tags.ts';
import type { Sharing } from '../builds/build.ts';
import { isShared } from '../builds/steps/share-image.ts';
import type { Target } from '../targets/target.ts';
import type { Capture } from './creation-input.ts';

export function creationWarnings(
  target: Pick<Target, 'kind'>,
  instance: Instance,
  { capture, share }: { readonly capture: Capture; readonly share: Sharing },
): readonly string[] {
  const isRunning = instance.State?.Name === 'running';
  const goesDown =
    isRunning && capture.way !== 'running' && !(capture.way === 'reboot' && target.kind === 'local');
  const warnings: string[] = [];
  if (goesDown && capture.way === 'stopped') {
    warnings.push(
      'The machine is stopped for the point in time, and started again as soon as that is taken.',
    );
    if (target.kind === 'aws' && instance.PublicIpAddress !== undefined) {
      warnings.push('Its public address changes unless it is an Elastic IP.');
    }
  }
  if (goesDown && capture.way === 'reboot') warnings.push('EC2 reboots the machine for the point in time.');
  if (goesDown && tagsOf(instance)['aws:autoscaling:groupName'] !== undefined) {
    warnings.push('It is in an Auto Scaling group, which may replace a machine that is down.');
  }
  if (goesDown && (instance.BlockDeviceMappings ?? []).some(({ Ebs }) => Ebs === undefined)) {
    warnings.push('What is on its instance store is lost when it stops, and is not in the image.');
  }
  if (isRunning && capture.way === 'running' && capture.required === undefined) {
    warnings.push(
      'What the machine has not yet written to its disks is missing from the image, unless a guest agent freezes its file systems.',
    );
  }
  if (isShared(share)) {
    warnings.push(
      'Whoever may launch the image reads all that is on its disks: keys, histories and data too.',
    );
  }
  return warnings;
}
