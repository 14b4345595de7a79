/** Where the server tells of a run: which kind it is stands in its id. */
export function runPath(id: string): string {
  const folder = isCreation(id) ? 'ami/status' : id.startsWith('deploy-') ? 'deployments' : 'builds';
  return `/api/v1/${folder}/${encodeURIComponent(id)}`;
}

/** `ingot save` and `ami create` make them. */
export function isCreation(id: string): boolean {
  return id.startsWith('ami-creation-');
}
