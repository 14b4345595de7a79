/** What `killed-ingest.test.ts` kills: ingests a disk and says so. */
import { silentLog } from '../../../src/platform/log.ts';
import { directoryStore, openRawSource, openVault } from '../../../src/vault/vault.ts';

const [, , store = '', disk = '', id = ''] = process.argv;
const vault = openVault({
  store: directoryStore(store),
  regionName: 'us-east-1',
  cacheDirectory: `${store}-cache`,
  log: silentLog,
  threads: 2,
});
const source = await openRawSource(disk);
process.stdout.write('begun\n');
await vault.ingestSnapshot({ snapshotId: id as never, source });
process.stdout.write('done\n');
await vault.close();
