/** The reconciling pass over captures: what a crash left half-way is taken up where it was. */
import type { Cloud } from '../cloud.ts';
import { drive } from '../reconcile.ts';
import { captureImage } from './capture-image.ts';
import { restartCaptured } from './settle-capture.ts';

export async function captureImages(cloud: Cloud): Promise<void> {
  const pending = await cloud.db.read
    .selectFrom('images')
    .select('image_id')
    .where('state', '=', 'pending')
    .where('method', 'in', ['frozen', 'instant', 'reboot'])
    .execute();
  for (const { image_id: imageId } of pending) {
    drive(cloud, `capture-pass:${imageId}`, async () => {
      await captureImage(cloud, imageId);
    });
  }
  const held = await cloud.db.read
    .selectFrom('instances')
    .leftJoin('images', 'images.image_id', 'instances.captured_by')
    .select(['instances.captured_by'])
    .where('captured_by', 'is not', null)
    .where((eb) =>
      eb.or([
        eb('images.state', '!=', 'pending'),
        eb('images.state', 'is', null),
        eb('images.method', '=', 'store'),
      ]),
    )
    .execute();
  for (const { captured_by: imageId } of held) {
    if (imageId !== null) drive(cloud, `release:${imageId}`, () => restartCaptured(cloud, imageId));
  }
}
