import type { DeploymentParts } from '../parts.ts';

/** A line about the automatic image in the deployment's own log, as people know it: `[ami-creation] …`. */
export function sayCreation(
  { journals }: Pick<DeploymentParts, 'journals'>,
  deploymentId: string,
  text: string,
): void {
  journals.append(deploymentId, { type: 'creation', text: `[ami-creation] ${text}` });
}
