import type { EC2, LaunchPermission } from '@aws-sdk/client-ec2';
import type { BuildContext, Sharing } from '../build.ts';
import type { BuildParts } from '../parts.ts';

/** Launch permissions, in every region. The image was private until here. */
export async function shareImage(parts: BuildParts, context: BuildContext): Promise<null> {
  const { share, target: name, region } = context.input;
  if (!isShared(share)) {
    context.tell({ type: 'detail', text: 'with nobody else' });
    return null;
  }
  const target = await parts.targets.get(name);
  const places = [{ region, imageId: context.result('image').imageId }, ...context.result('copies')];
  for (const place of places) {
    const ec2 = await target.client(place.region);
    await letLaunch(ec2, place.imageId, share);
  }
  context.tell({ type: 'detail', text: sharedWith(share) });
  return null;
}

export async function letLaunch(ec2: EC2, imageId: string, share: Sharing): Promise<void> {
  await ec2.modifyImageAttribute({ ImageId: imageId, LaunchPermission: { Add: permissions(share) } });
}

export function permissions({ accounts, public: everybody }: Sharing): LaunchPermission[] {
  return [...accounts.map((UserId) => ({ UserId })), ...(everybody ? [{ Group: 'all' as const }] : [])];
}

export function isShared({ accounts, public: everybody }: Sharing): boolean {
  return everybody || accounts.length > 0;
}

/** In words. */
export function sharedWith({ accounts, public: everybody }: Sharing): string {
  return [...accounts, ...(everybody ? ['everybody'] : [])].join(', ');
}
