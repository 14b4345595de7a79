import type { Reservation } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { toInstances } from './to-instance.ts';

/** What one launch made. A token whose instances are all gone must not seem to have launched something. */
export async function describeReservation(
  cloud: Cloud,
  caller: Caller,
  reservationId: string,
): Promise<Reservation> {
  const rows = await cloud.db.read
    .selectFrom('instances')
    .selectAll()
    .where('reservation_id', '=', reservationId)
    .orderBy('launch_index')
    .execute();
  if (rows.every((row) => row.state === 'terminated')) {
    throw new Ec2Fault(
      'IdempotentInstanceTerminated',
      `The instances of ${reservationId}, which this client token launched, are terminated; use a new token for new ones`,
    );
  }
  const instances = (await toInstances(cloud, rows)).map(({ instance }) => instance);
  return { ReservationId: reservationId, OwnerId: caller.accountId, Groups: [], Instances: instances };
}
