import { apiClient, replied } from '../api-client.ts';
import type { Context } from '../context.ts';

export type CreationBody = Awaited<ReturnType<typeof showCreation>>;

/** By its id, or its image's. */
export async function showCreation(context: Context, id: string) {
  const request = apiClient(context).ami.status[':creation_id'].$get({ param: { creation_id: id } });
  return await replied(request, context.url);
}
