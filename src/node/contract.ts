/**
 * What the cloud may ask of one machine, and what it is told. Every command is idempotent by the ids in it:
 * the cloud writes its row first, asks, and asks again after a crash, so a repeated or late command finds its
 * work done and answers the same. All values are plain data, because a command may cross a wire.
 *
 * A *layer* is one qcow2 file. It is written by at most one volume until it is frozen, and never after.
 * A *volume* is a name for the writable layer at the end of a chain. What keeps a layer alive is the cloud's
 * rows (snapshots, volumes), never the instance that happened to write it.
 */
import type { Architecture, Firmware, InstanceId, LayerId, NodeId, VolumeId } from '../platform/ids.ts';
import type { BlockContract } from './block-contract.ts';
import type { FileContract } from './file-contract.ts';
import type { VaultContract } from './vault-contract.ts';

export interface NodeFacts {
  readonly nodeId: NodeId;
  readonly architectures: readonly ArchitectureFacts[];
  /** Whole host, not what is free. */
  readonly cpus: number;
  readonly memoryMiB: number;
  /** What instances may use of the memory in total. */
  readonly memoryForInstancesMiB: number;
  readonly diskFreeBytes: number;
  /** Of the file system that holds the layers. */
  readonly diskTotalBytes: number;
  /** '127.83.5': instances get .2 to .254 of it. */
  readonly publicPrefix: string;
  /** Host ports below this need a privilege that the process lacks; 0 where it has it. */
  readonly lowestFreePort: number;
}

export interface ArchitectureFacts {
  readonly architecture: Architecture;
  readonly acceleration: 'kvm' | 'tcg';
  /** Why it is emulated, for `ingot doctor`. */
  readonly reason?: string;
  readonly firmware: readonly Firmware[];
}

export interface VolumeSpec {
  readonly volumeId: VolumeId;
  readonly layerId: LayerId;
  /** '/dev/sda1', '/dev/sdf': EC2's name; the guest finds the volume by its serial (the id without the dash). */
  readonly deviceName: string;
  readonly root: boolean;
}

/** A range of ports open to this host. Single ports and ranges; the cloud has already dropped what can't apply. */
export interface PortRule {
  readonly protocol: 'tcp' | 'udp';
  readonly fromPort: number;
  readonly toPort: number;
}

export interface MachineSpec {
  readonly instanceId: InstanceId;
  readonly architecture: Architecture;
  readonly firmware: Firmware;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly volumes: readonly VolumeSpec[];
  readonly network: {
    /** '02:…' */
    readonly macAddress: string;
    /** What the guest gets by DHCP, '172.31.5.20'. */
    readonly privateAddress: string;
    /** Its subnet, '172.31.0.0/20'. The gateway is the first address. */
    readonly subnet: string;
    readonly ports: readonly PortRule[];
  };
  readonly seed: {
    readonly hostname: string;
    /** OpenSSH lines. */
    readonly publicKeys: readonly string[];
    /** As the guest shall read it, decoded. */
    readonly userData?: Uint8Array;
    /** Region and zone for cloud-init's meta-data. */
    readonly region: string;
    readonly availabilityZone: string;
  };
}

export type MachineState = 'running' | 'stopped' | 'absent';

export interface MachineStatus {
  readonly instanceId: InstanceId;
  readonly state: MachineState;
  /** Only while it runs: the public address, and host ports that differ from the guest's (no privilege). */
  readonly publicAddress?: string;
  readonly mappedPorts?: readonly { readonly guestPort: number; readonly hostPort: number }[];
  /** Rules that could not be opened, with the reason in words. */
  readonly closedPorts?: readonly { readonly rule: PortRule; readonly reason: string }[];
  /** Why it stopped, when nobody asked: 'qemu exited with status 1: …', 'guest shut down'. */
  readonly stopReason?: 'requested' | 'guest-shutdown' | 'crashed';
  readonly stopDetail?: string;
  /** The disks it runs on now. */
  readonly volumes: readonly VolumeSpec[];
  readonly agent?: 'answering' | 'silent';
}

export type Consistency = 'stopped' | 'rebooted' | 'filesystem' | 'crash';

export interface SnapshotRequest {
  /** Absent for a volume that no instance holds. */
  readonly instanceId?: InstanceId;
  /** 'try' freezes where the agent answers in time; 'require' fails where it does not; 'no' takes the instant as it is. */
  readonly freeze: 'try' | 'require' | 'no';
  readonly freezeDeadlineMs?: number;
  /** All are taken at one instant: `frozenLayerId` is what the volume writes now, `nextLayerId` what it writes after. */
  readonly volumes: readonly {
    readonly volumeId: VolumeId;
    readonly frozenLayerId: LayerId;
    readonly nextLayerId: LayerId;
  }[];
}

export interface SnapshotResult {
  readonly consistency: Consistency;
  /** From the freeze command to the thaw's answer; 0 when nothing was frozen. */
  readonly freezeMs: number;
  /** The guest's stall in the snapshot transaction itself. */
  readonly stallMs: number;
  /** ISO time of the instant. */
  readonly takenAt: string;
}

export interface LayerStatus {
  readonly layerId: LayerId;
  readonly parentLayerId?: LayerId;
  /** What the guest sees. */
  readonly virtualSizeBytes: number;
  /** What the file takes on the host. */
  readonly allocatedBytes: number;
  /** Layers in the chain, this one included. */
  readonly depth: number;
  /** While a part of it is still in the vault only: the stored snapshot must stay until this is gone. */
  readonly fetching?: true;
}

export interface NodeContract extends VaultContract, BlockContract, FileContract {
  facts(): Promise<NodeFacts>;

  /** Makes an empty layer, or an overlay over `parentLayerId`. `sizeBytes` ≥ the parent's. */
  createLayer(request: {
    readonly layerId: LayerId;
    readonly parentLayerId?: LayerId;
    readonly sizeBytes: number;
  }): Promise<LayerStatus>;
  /** Takes over a disk file (qcow2 or raw, on this machine) as a frozen layer without parent; the file stays. */
  importLayer(request: { readonly layerId: LayerId; readonly file: string }): Promise<LayerStatus>;
  /** Grows a volume's writable layer; live when `instanceId` runs. */
  growLayer(request: {
    readonly layerId: LayerId;
    readonly sizeBytes: number;
    readonly instanceId?: InstanceId;
    readonly volumeId?: VolumeId;
  }): Promise<LayerStatus>;
  listLayers(): Promise<readonly LayerStatus[]>;
  /** Deletes those that no machine has open and no other layer stands on; the rest stays without error. */
  deleteLayers(request: { readonly layerIds: readonly LayerId[] }): Promise<readonly LayerId[]>;
  /**
   * Shortens chains longer than the bound, in the background while the machine runs. Answers at once: with the layers
   * that chains have come to stand on no more since it was asked last.
   */
  shortenChains(): Promise<readonly LayerId[]>;

  /** Starts it, or answers with the running one. */
  startMachine(spec: MachineSpec): Promise<MachineStatus>;
  /** Orderly by power button or agent, hard after the deadline. Answers when the process is gone. */
  stopMachine(request: {
    readonly instanceId: InstanceId;
    readonly deadlineMs: number;
    readonly force: boolean;
  }): Promise<MachineStatus>;
  rebootMachine(request: {
    readonly instanceId: InstanceId;
    readonly deadlineMs: number;
  }): Promise<MachineStatus>;
  /** Kills it if it runs and removes all that is its own; layers stay. */
  removeMachine(request: { readonly instanceId: InstanceId }): Promise<void>;
  /** All that this node knows, after finding again what outlived the server. */
  listMachines(): Promise<readonly MachineStatus[]>;
  machine(request: { readonly instanceId: InstanceId }): Promise<MachineStatus>;
  setPorts(request: {
    readonly instanceId: InstanceId;
    readonly ports: readonly PortRule[];
  }): Promise<MachineStatus>;
  attachVolume(request: {
    readonly instanceId: InstanceId;
    readonly volume: VolumeSpec;
  }): Promise<MachineStatus>;
  detachVolume(request: {
    readonly instanceId: InstanceId;
    readonly volumeId: VolumeId;
    readonly force: boolean;
  }): Promise<MachineStatus>;
  /** The last `maxBytes` of the serial console; kept after the machine is stopped. */
  console(request: { readonly instanceId: InstanceId; readonly maxBytes: number }): Promise<{
    readonly output: Uint8Array;
    readonly at: string;
  }>;

  /** Subject `ebs.snapshot.<volumeId>` on the bus; the rest is `node.<nodeId>.<command>`. */
  snapshotVolumes(request: SnapshotRequest): Promise<SnapshotResult>;
}

/** What the node tells without being asked. Lost events are harmless: the cloud also asks on a timer. */
export interface NodeEvents {
  /** A machine's process ended or changed, whoever caused it. */
  onMachineChanged(listener: (status: MachineStatus) => void): () => void;
}

/** Kinds of failure that the cloud treats differently; everything else is internal. */
export type NodeErrorKind =
  | 'no-capacity'
  | 'disk-full'
  | 'unknown-layer'
  | 'unknown-snapshot'
  | 'unknown-machine'
  | 'not-running'
  | 'freeze-failed'
  | 'unsupported'
  | 'internal';

export class NodeError extends Error {
  readonly kind: NodeErrorKind;
  constructor(kind: NodeErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NodeError';
    this.kind = kind;
  }
}
