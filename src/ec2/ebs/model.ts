/**
 * EBS direct's protocol as a table: where each member of a request travels, and what it may be. The names and places
 * are held against the official SDK by a test; the ranges are those of the service's published model.
 */
import type { ValidationExceptionReason } from '@aws-sdk/client-ebs';
import type { EbsAction } from './types.ts';

export type Place = 'path' | 'query' | 'header' | 'json' | 'body';

export interface Member {
  readonly place: Place;
  /** Its name there; the member's own unless told. */
  readonly name?: string;
  readonly type: 'text' | 'integer' | 'flag' | 'tags' | 'bytes';
  readonly required?: true;
  /** Of a number, or of a text's length. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly allowed?: readonly string[];
  /** What a ValidationException gives as its reason; INVALID_PARAMETER_VALUE unless told. */
  readonly reason?: ValidationExceptionReason;
}

export interface ActionModel {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** '{Member}' stands for one part of the path. */
  readonly path: string;
  readonly status: number;
  readonly members: Readonly<Record<string, Member>>;
  /** Of the answer, those that are headers; the rest is JSON, or the block itself. */
  readonly answerHeaders: Readonly<Record<string, string>>;
}

const base64 = /^[A-Za-z0-9+/=]+$/;
const blockIndex = { type: 'integer', min: 0, max: 2 ** 31 - 1, reason: 'INVALID_BLOCK' } as const;
const snapshotId = {
  type: 'text',
  min: 1,
  max: 64,
  pattern: /^snap-[0-9a-f]+$/,
  reason: 'INVALID_SNAPSHOT_ID',
} as const;
const pathSnapshot = { ...snapshotId, place: 'path', required: true } as const;
const checksum = { place: 'header', name: 'x-amz-Checksum', type: 'text', max: 64, pattern: base64 } as const;
const algorithm = {
  place: 'header',
  name: 'x-amz-Checksum-Algorithm',
  type: 'text',
  allowed: ['SHA256'],
} as const;
const page = {
  NextToken: {
    place: 'query',
    name: 'pageToken',
    type: 'text',
    max: 256,
    pattern: base64,
    reason: 'INVALID_PAGE_TOKEN',
  },
  MaxResults: { place: 'query', name: 'maxResults', type: 'integer', min: 100, max: 10_000 },
  StartingBlockIndex: { ...blockIndex, place: 'query', name: 'startingBlockIndex' },
} as const;

export const ebsModel: Readonly<Record<EbsAction, ActionModel>> = {
  StartSnapshot: {
    method: 'POST',
    path: '/snapshots',
    status: 201,
    members: {
      VolumeSize: {
        place: 'json',
        type: 'integer',
        required: true,
        min: 1,
        max: 65_536,
        reason: 'INVALID_VOLUME_SIZE',
      },
      ParentSnapshotId: { ...snapshotId, place: 'json' },
      Tags: { place: 'json', type: 'tags', reason: 'INVALID_TAG' },
      Description: { place: 'json', type: 'text', max: 255 },
      ClientToken: { place: 'json', type: 'text', max: 255, pattern: /^\S+$/ },
      Encrypted: { place: 'json', type: 'flag' },
      KmsKeyArn: { place: 'json', type: 'text', max: 2048, reason: 'INVALID_CUSTOMER_KEY' },
      Timeout: { place: 'json', type: 'integer', min: 10, max: 4320 },
    },
    answerHeaders: {},
  },
  PutSnapshotBlock: {
    method: 'PUT',
    path: '/snapshots/{SnapshotId}/blocks/{BlockIndex}',
    status: 201,
    members: {
      SnapshotId: pathSnapshot,
      BlockIndex: { ...blockIndex, place: 'path', required: true },
      BlockData: { place: 'body', type: 'bytes', required: true },
      DataLength: { place: 'header', name: 'x-amz-Data-Length', type: 'integer', required: true },
      Checksum: { ...checksum, required: true },
      ChecksumAlgorithm: { ...algorithm, required: true },
      Progress: { place: 'header', name: 'x-amz-Progress', type: 'integer', min: 0, max: 100 },
    },
    answerHeaders: { Checksum: 'x-amz-Checksum', ChecksumAlgorithm: 'x-amz-Checksum-Algorithm' },
  },
  CompleteSnapshot: {
    method: 'POST',
    path: '/snapshots/completion/{SnapshotId}',
    status: 202,
    members: {
      SnapshotId: pathSnapshot,
      ChangedBlocksCount: {
        place: 'header',
        name: 'x-amz-ChangedBlocksCount',
        type: 'integer',
        required: true,
        min: 0,
      },
      Checksum: checksum,
      ChecksumAlgorithm: algorithm,
      ChecksumAggregationMethod: {
        place: 'header',
        name: 'x-amz-Checksum-Aggregation-Method',
        type: 'text',
        allowed: ['LINEAR'],
      },
    },
    answerHeaders: {},
  },
  ListSnapshotBlocks: {
    method: 'GET',
    path: '/snapshots/{SnapshotId}/blocks',
    status: 200,
    members: { SnapshotId: pathSnapshot, ...page },
    answerHeaders: {},
  },
  ListChangedBlocks: {
    method: 'GET',
    path: '/snapshots/{SecondSnapshotId}/changedblocks',
    status: 200,
    members: {
      FirstSnapshotId: { ...snapshotId, place: 'query', name: 'firstSnapshotId' },
      SecondSnapshotId: pathSnapshot,
      ...page,
    },
    answerHeaders: {},
  },
  GetSnapshotBlock: {
    method: 'GET',
    path: '/snapshots/{SnapshotId}/blocks/{BlockIndex}',
    status: 200,
    members: {
      SnapshotId: pathSnapshot,
      BlockIndex: { ...blockIndex, place: 'path', required: true },
      BlockToken: {
        place: 'query',
        name: 'blockToken',
        type: 'text',
        required: true,
        max: 256,
        pattern: base64,
        reason: 'INVALID_BLOCK_TOKEN',
      },
    },
    answerHeaders: {
      DataLength: 'x-amz-Data-Length',
      Checksum: 'x-amz-Checksum',
      ChecksumAlgorithm: 'x-amz-Checksum-Algorithm',
    },
  },
};
