import type { InstanceId } from '../../platform/ids.ts';

/** An instance has one network interface; its id follows from the instance's. */
export function interfaceId(instanceId: InstanceId): string {
  return `eni-${instanceId.slice(2)}`;
}
