/**
 * Protection against DeregisterImage, as the column holds it: 'disabled', 'enabled-without-cooldown',
 * 'enabled-with-cooldown', and after that one is disabled, 'cooling-until:<ISO>' for 24 hours.
 */
import { operationNotPermitted } from '../../ec2/request-faults.ts';
import type { ImageRow } from './record.ts';

const cooldownMs = 24 * 3_600_000;
const cooling = 'cooling-until:';

type Protected = Pick<ImageRow, 'deregistration_protection'>;

/** As EC2 shows it: one that cools down says when it ends. */
export function protectionAt(image: Protected, now: Date): string {
  const until = coolingUntil(image, now);
  if (until !== undefined) return `disabled-with-cooldown-until-${until}`;
  return image.deregistration_protection.startsWith(cooling) ? 'disabled' : image.deregistration_protection;
}

export function protectionAfterDisabling(image: Protected, now: Date): string {
  if (image.deregistration_protection === 'enabled-with-cooldown') {
    return `${cooling}${new Date(now.getTime() + cooldownMs).toISOString()}`;
  }
  // Disabling again does not shorten a cooldown.
  return image.deregistration_protection.startsWith(cooling) ? image.deregistration_protection : 'disabled';
}

export function checkUnprotected(image: Protected & Pick<ImageRow, 'image_id'>, now: Date): void {
  if (image.deregistration_protection.startsWith('enabled')) {
    throw operationNotPermitted(
      `The image '${image.image_id}' is protected from deregistration; disable its deregistration protection and try again.`,
    );
  }
  const until = coolingUntil(image, now);
  if (until === undefined) return;
  throw operationNotPermitted(
    `The image '${image.image_id}' is protected from deregistration until ${until}: its protection was enabled with a cooldown of 24 hours.`,
  );
}

function coolingUntil(image: Protected, now: Date): string | undefined {
  if (!image.deregistration_protection.startsWith(cooling)) return undefined;
  const until = image.deregistration_protection.slice(cooling.length);
  return until > now.toISOString() ? until : undefined;
}
