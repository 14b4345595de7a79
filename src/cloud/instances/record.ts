/** An instance: its states with EC2's numbers, and which call each of them allows. */
import type { Selectable } from 'kysely';
import type { InstanceTable } from './table.ts';

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
export type InstanceRow = Selectable<InstanceTable>;

/** The low byte of EC2's InstanceState.Code. */
export const stateCodes = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const satisfies Record<InstanceState, number>;

const allowed = {
  start: ['stopped', 'pending', 'running'],
  stop: ['running', 'pending', 'stopping', 'stopped'],
  reboot: ['running'],
  terminate: ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'],
  image: ['running', 'stopped'],
  attach: ['running', 'stopped'],
  detach: ['running', 'stopping', 'stopped'],
  console: ['pending', 'running', 'shutting-down', 'stopping', 'stopped', 'terminated'],
} as const satisfies Record<string, readonly InstanceState[]>;

export type InstanceAction = keyof typeof allowed;

export function instanceCan(instance: { readonly state: InstanceState }, action: InstanceAction): boolean {
  return (allowed[action] as readonly InstanceState[]).includes(instance.state);
}

export function isLive(instance: { readonly state: InstanceState }): boolean {
  return instance.state !== 'terminated' && instance.state !== 'shutting-down';
}
