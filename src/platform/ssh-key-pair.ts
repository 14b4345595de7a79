import ssh2 from 'ssh2';

export interface SshKeyPair {
  /** OpenSSH's own form, unencrypted. */
  readonly privateKey: string;
  /** One line without an end: 'ssh-ed25519 … comment' */
  readonly publicKey: string;
}

/**
 * A fresh ED25519 pair. About one in 250 that ssh2 draws lacks a leading zero byte, and no SSH implementation reads
 * it: such a pair is drawn again.
 */
export function newSshKeyPair(comment: string): SshKeyPair {
  for (;;) {
    const drawn = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    if (isReadable(drawn.public) && isReadable(drawn.private)) {
      return { privateKey: drawn.private, publicKey: drawn.public };
    }
  }
}

function isReadable(key: string): boolean {
  return !(ssh2.utils.parseKey(key) instanceof Error);
}
