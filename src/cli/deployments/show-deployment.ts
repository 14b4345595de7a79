import { apiClient, replied } from '../api-client.ts';
import type { Context } from '../context.ts';

export type DeploymentBody = Awaited<ReturnType<typeof showDeployment>>;

/** By id or name. */
export async function showDeployment(context: Context, id: string) {
  const request = apiClient(context).deployments[':deployment_id'].$get({ param: { deployment_id: id } });
  return await replied(request, context.url);
}
