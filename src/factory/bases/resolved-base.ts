/** The image that a build starts from: what an alias, a name or an id stands for in one region, now. */
export interface ResolvedBase {
  readonly imageId: string;
  readonly name: string;
  readonly sshUser: string;
  /** '/dev/xvda' */
  readonly rootDevice: string;
  /** The root volume can't be smaller. */
  readonly minSizeGiB: number;
  /** Identifies the content: an image's never changes, so its id does. */
  readonly digest: string;
}
