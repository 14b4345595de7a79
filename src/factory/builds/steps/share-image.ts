import type { LaunchPermission } from '@aws-sdk/client-ec2';
import type { BuildContext } from '../build.ts';
import type { BuildParts } from '../parts.ts';

/** Launch permissions, in every region. The image was private until here. */
export async function shareImage(parts: BuildParts, context: BuildContext): Promise<null> {
  const { share, target: name, region } = context.input;
  const Add: LaunchPermission[] = [
    ...share.accounts.map((UserId) => ({ UserId })),
    ...(share.public ? [{ Group: 'all' as const }] : []),
  ];
  if (Add.length === 0) {
    context.tell({ type: 'detail', text: 'with nobody else' });
    return null;
  }
  const target = await parts.targets.get(name);
  const places = [{ region, imageId: context.result('image').imageId }, ...context.result('copies')];
  for (const place of places) {
    const ec2 = await target.client(place.region);
    await ec2.modifyImageAttribute({ ImageId: place.imageId, LaunchPermission: { Add } });
  }
  context.tell({
    type: 'detail',
    text: [...share.accounts, ...(share.public ? ['everybody'] : [])].join(', '),
  });
  return null;
}
