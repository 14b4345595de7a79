import type { Workflows } from '../../platform/workflows/workflows.ts';
import type { BuildParts } from '../builds/parts.ts';

/** What the steps of a deployment work with. */
export interface DeploymentParts extends BuildParts {
  /** The engine that runs them: there once it has opened, which may be after a run was taken up. */
  readonly workflows: Promise<Workflows>;
}
