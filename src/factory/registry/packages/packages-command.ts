const dpkgFormat = ['db:Status-Status', 'Package', 'Version', 'Architecture']
  .map((field) => `\${${field}}`)
  .join('\\t');
const rpmFormat = '%{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\n';

/**
 * A POSIX shell script that lists the packages installed in a guest, one a line, after a line that says what guest it
 * is; `parsePackages` reads it. It needs no privilege and changes nothing. Where the guest has several package
 * databases, the first with entries in it counts.
 */
export const packagesCommand = packagesScript('');

/** For a guest whose files lie under `root`. Exported for its test. */
export function packagesScript(root: string): string {
  return `
(
  if [ -r ${root}/etc/os-release ]; then . ${root}/etc/os-release; fi
  guest() { printf 'ingot-packages\\t%s\\t%s\\t%s\\n' "$1" "$ID" "$VERSION_ID"; }
  if [ -s ${root}/var/lib/dpkg/status ] && command -v dpkg-query >/dev/null; then
    guest dpkg
    dpkg-query --show --showformat '${dpkgFormat}\\n' | sed -n 's/^installed	//p'
  elif [ -s ${root}/lib/apk/db/installed ]; then
    guest apk
    sed 's/^\\(.\\):/\\1\t/' ${root}/lib/apk/db/installed | awk -F'\\t' -v OFS='\\t' '
      $1 == "P" { name = $2 } $1 == "V" { version = $2 } $1 == "A" { arch = $2 }
      $0 == "" && name != "" { print name, version, arch; name = "" }
      END { if (name != "") print name, version, arch }'
  elif command -v rpm >/dev/null; then
    guest rpm
    rpm --query --all --queryformat '${rpmFormat}' | sed '/^gpg-pubkey	/d'
  else
    guest none
  fi
)`.trim();
}
