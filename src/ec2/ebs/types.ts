/** EBS direct's operations, typed from the official SDK. */
import type {
  CompleteSnapshotRequest,
  CompleteSnapshotResponse,
  GetSnapshotBlockRequest,
  GetSnapshotBlockResponse,
  ListChangedBlocksRequest,
  ListChangedBlocksResponse,
  ListSnapshotBlocksRequest,
  ListSnapshotBlocksResponse,
  PutSnapshotBlockRequest,
  PutSnapshotBlockResponse,
  StartSnapshotRequest,
  StartSnapshotResponse,
} from '@aws-sdk/client-ebs';
import type { Caller } from '../types.ts';

/** A block's bytes, in place of the SDK's stream. */
type WithBytes<T> = Omit<T, 'BlockData'> & { readonly BlockData: Uint8Array };

interface Shapes {
  readonly StartSnapshot: [StartSnapshotRequest, StartSnapshotResponse];
  readonly PutSnapshotBlock: [WithBytes<PutSnapshotBlockRequest>, PutSnapshotBlockResponse];
  readonly CompleteSnapshot: [CompleteSnapshotRequest, CompleteSnapshotResponse];
  readonly ListSnapshotBlocks: [ListSnapshotBlocksRequest, ListSnapshotBlocksResponse];
  readonly ListChangedBlocks: [ListChangedBlocksRequest, ListChangedBlocksResponse];
  readonly GetSnapshotBlock: [GetSnapshotBlockRequest, WithBytes<GetSnapshotBlockResponse>];
}

export type EbsAction = keyof Shapes;
export type EbsInputOf<A extends EbsAction> = Shapes[A][0];
export type EbsOutputOf<A extends EbsAction> = Shapes[A][1];

export type EbsOperations = {
  readonly [A in EbsAction]: (input: EbsInputOf<A>, caller: Caller) => Promise<EbsOutputOf<A>>;
};
