/** The proof's machine must become ready too, where nothing but the image decides that. */
import { askedOfMachine, proveReadiness } from '../../readiness/prove-readiness.ts';
import type { DeploymentParts } from '../parts.ts';
import type { GoldenContext } from './golden-input.ts';
import { sayCreation } from './say-creation.ts';

export async function proveReady(parts: DeploymentParts, context: GoldenContext): Promise<null> {
  const { input } = context;
  const { readiness } = input.template;
  const asked = askedOfMachine(readiness);
  if (input.app.hasFirstBoot || asked === undefined) {
    const why = input.app.hasFirstBoot ? 'it needs the first boot’s steps' : 'it asks elsewhere';
    sayCreation(parts, input.deploymentId, `It boots; its readiness is not asked: ${why}`);
    return null;
  }
  await proveReadiness(parts, context, readiness, asked);
  sayCreation(parts, input.deploymentId, 'It boots and becomes ready');
  return null;
}
