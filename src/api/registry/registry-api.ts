/** The registry's routes. */
import type { Factory } from '../../factory/factory.ts';
import { room } from '../room.ts';
import { channelsApi } from './channels-api.ts';
import { documentApi } from './document-api.ts';
import { revocationsApi } from './revocations-api.ts';
import { versionsApi } from './versions-api.ts';

export function registryApi(factory: Factory) {
  return room()
    .route('/', versionsApi(factory))
    .route('/', channelsApi(factory))
    .route('/', revocationsApi(factory))
    .route('/', documentApi(factory));
}
