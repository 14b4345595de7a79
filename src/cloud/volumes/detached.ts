/** What the row of a volume says once no instance holds it. */
import type { VolumeRow } from './record.ts';

export const detached = {
  state: 'available',
  instance_id: null,
  device_name: null,
  attachment_state: null,
  attached_at: null,
  delete_on_termination: 0,
  is_root: 0,
  force_detach: 0,
  detach_asked_at: null,
} as const satisfies Partial<VolumeRow>;
