/** What EC2 has no call for: accounts, base images, the nodes, the care of the vaults. The server puts it behind a token. */
import type { AccessKey } from '../../ec2/types.ts';
import type { NodeFacts } from '../../node/contract.ts';
import type { ImageId } from '../../platform/ids.ts';
import { type Account, addAccount, listAccounts, storeAccessKey } from '../accounts/accounts.ts';
import type { Cloud } from '../cloud.ts';
import { type DiskFileDoor, diskFileDoor } from '../imports/disk-file-door.ts';
import { addBase, type BaseToAdd } from './add-base.ts';
import { type VaultDoor, vaultDoor } from './vault-door.ts';

export interface AdminDoor {
  listAccounts(): Promise<readonly Account[]>;
  addAccount(name: string): Promise<AccessKey>;
  storeAccessKey(key: AccessKey): Promise<void>;
  /** Makes a disk file a public image in every region; one that is there already is answered as it is. */
  addBase(base: BaseToAdd): Promise<Readonly<Record<string, ImageId>>>;
  nodes(): Promise<readonly NodeFacts[]>;
  readonly vault: VaultDoor;
  readonly diskFiles: DiskFileDoor;
}

export function adminDoor(cloud: Cloud): AdminDoor {
  return {
    listAccounts: () => listAccounts(cloud),
    addAccount: (name) => addAccount(cloud, name),
    storeAccessKey: (key) => storeAccessKey(cloud, key),
    addBase: (base) => addBase(cloud, base),
    nodes: () => Promise.all(cloud.nodes.ids.map((id) => cloud.nodes.get(id).facts())),
    vault: vaultDoor(cloud),
    diskFiles: diskFileDoor(cloud),
  };
}
