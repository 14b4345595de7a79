/** A deployment in words: how it stands, how long it took, and what became of its image. */
import { duration, paint, stateStyle } from '../output.ts';
import type { DeploymentBody } from './show-deployment.ts';

export function deploymentLines(deployment: DeploymentBody): readonly string[] {
  const { status, deployment_stage: stage, ami_creation_reason: reason } = deployment;
  const image = deployment.ami_creation_status ?? 'none yet';
  return [
    paint('bold', `${deployment.job_name}  (${deployment.id})`),
    line('App', `${appOf(deployment)} (${deployment.architecture})`),
    line('Status', paint(deploymentStyle(status), status === 'deploying' ? `${status}: ${stage}` : status)),
    ...optional('Error', deployment.error),
    line('Place', `${deployment.region} of ${deployment.target}`),
    ...optional('Machine', machineOf(deployment)),
    ...optional('Launched from', launchedFrom(deployment)),
    ...parameterLines(deployment),
    line('Checks', `${deployment.ready_check_attempts}${deployment.ready ? ', then ready' : ''}`),
    ...optional('Ready', timesOf(deployment)),
    line('Image', [image, deployment.created_ami_id].filter((part) => part !== null).join(': ')),
    ...optional('Why', reason),
    ...optional('Image error', deployment.ami_creation_error),
  ];
}

/** 'after 12.3 s; 45.6 s with the whole set-up, so 33.3 s saved' */
export function timesOf(deployment: DeploymentBody): string | null {
  const { ready_seconds: ready, fresh_seconds: fresh, saved_seconds: saved } = deployment;
  if (ready === null) return null;
  const own = `after ${duration(ready * 1000)}`;
  if (fresh === null || saved === null) return own;
  const times = saved > 0 ? `so ${duration(saved * 1000)} saved` : 'so no time was saved';
  return `${own}; ${duration(fresh * 1000)} with the whole set-up, ${times}`;
}

export function appOf({ deployment_type: app, version, mode }: DeploymentBody): string {
  return `${app} ${version}${mode === null ? '' : ` (${mode})`}`;
}

export function deploymentStyle(status: string) {
  if (status === 'ready') return 'green';
  return status === 'deploying' || status === 'deleting' ? 'yellow' : stateStyle(status);
}

function machineOf({ instance_id: id, instance_type: type, address }: DeploymentBody): string | null {
  if (id === null) return null;
  return `${id} (${type})${address === null ? '' : ` at ${address}`}`;
}

function launchedFrom({ ami_id: id, use_cached_ami: cached }: DeploymentBody): string | null {
  return id === null ? null : `${id}${cached ? ', which has the set-up' : ''}`;
}

function parameterLines({ parameters }: DeploymentBody): readonly string[] {
  const text = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return text.length === 0 ? [] : [line('Parameters', text.join(' '))];
}

function optional(title: string, text: string | null): readonly string[] {
  return text === null ? [] : [line(title, text)];
}

function line(title: string, text: string): string {
  return `   ${`${title}:`.padEnd(15)} ${text}`;
}
