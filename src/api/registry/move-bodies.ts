import type { Factory } from '../../factory/factory.ts';
import type { ChannelMove } from '../../factory/registry/channel.ts';
import { findVersions } from '../../factory/registry/find-versions.ts';
import { toMoveBody } from './schemas.ts';

/** Moves with the versions that their images are. */
export async function moveBodies({ db }: Pick<Factory, 'db'>, moves: readonly ChannelMove[]) {
  const templates = new Set(moves.map(({ template }) => template));
  const names = new Map<string, string>();
  for (const template of templates) {
    for (const { imageId, version } of await findVersions(db.read, { template })) names.set(imageId, version);
  }
  return moves.map((move) =>
    toMoveBody(move, (imageId) => (imageId === undefined ? undefined : names.get(imageId))),
  );
}
