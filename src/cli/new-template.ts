/** The text of a new template: whole and commented, so that it builds as it is and shows what else there is. */
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import type { Architecture } from '../platform/ids.ts';

export interface NewTemplate {
  readonly name: string;
  readonly description: string;
  readonly base: string;
  readonly architectures: readonly Architecture[];
  readonly packages: readonly string[];
  readonly ports: readonly number[];
  /** Absolute. */
  readonly schemaFile: string;
}

export function newTemplateText(template: NewTemplate): string {
  const { name, description, base, architectures, packages, ports, schemaFile } = template;
  const list = (values: readonly (string | number)[]) => `[${values.join(', ')}]`;
  const line = (key: string, value: string) => stringify({ [key]: value }).trimEnd();
  return `# yaml-language-server: $schema=${pathToFileURL(schemaFile).href}
${line('name', name)}
${line('description', description)}

# What the build starts from: an alias, an image's id, or the name of an image of your own.
base_ami:
  ${line('source', base)}
  architecture: ${list(architectures)}

# Values that whoever builds can choose: ingot ami build … --param greeting=Hi
# Scripts read them as variables ("$greeting"), other fields as \${{ parameters.greeting }}.
parameters:
  greeting:
    description: What the first check looks for
    default: Hello

# Scripts, run as root one after another. Each is cached: a build starts at the first that changed.
steps:
${packages.length === 0 ? '' : packagesStep(packages)}  - name: greeting
    # files: [{source: etc/app.conf, target: /etc/app.conf}]   beside this file
    # inputs: [requirements.txt]                                run again when this changes
    # timeout: 30m
    run: echo "$greeting" > /etc/greeting

# Run in the machine before its image is taken, and again in a machine launched from the image.
validation_tests:
  - name: the greeting is there
    command: cat /etc/greeting
    matches: .+
    # or: expected, expected_contains, status

# What a launch opens.
ports: ${list(ports)}

# When a machine launched from it is ready.
# readiness:
#   http: {port: 80, path: /health}

# Which versions ingot ami cleanup removes. What is in use always stays.
retention:
  keep_latest: 3

tags:
  ${line('Project', name)}
`;
}

function packagesStep(packages: readonly string[]): string {
  return `  - name: packages
    # Taken from the cache for a week, then fetched anew.
    cache: {max_age: 7d}
    run: |
      export DEBIAN_FRONTEND=noninteractive
      apt-get update -q
      apt-get install -q -y --no-install-recommends ${packages.join(' ')}

`;
}
