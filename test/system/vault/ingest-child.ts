/** What `killed-ingest.test.ts` runs: ingests a disk, and dies without a word after so many blocks. */
import { silentLog } from '../../../src/platform/log.ts';
import { directoryStore, openRawSource, openVault } from '../../../src/vault/vault.ts';

const [, , store = '', disk = '', id = '', dieAfter = ''] = process.argv;
const vault = openVault({
  store: directoryStore(store),
  regionName: 'us-east-1',
  log: silentLog,
  threads: 2,
});
const source = await openRawSource(disk);
const onProgress = ({ bytesDone }: { readonly bytesDone: number }) => {
  if (dieAfter !== '' && bytesDone >= Number(dieAfter) * vault.blockBytes)
    process.kill(process.pid, 'SIGKILL');
};
await vault.ingestSnapshot({ snapshotId: id as never, source, onProgress });
await vault.close();
