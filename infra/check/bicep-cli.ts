import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '0.49.2';
const PACKAGE_ID = 'azure.bicep.commandline.linux-x64';

/** Neither tool reports what it is used for, and neither needs ICU. Parameter files read the customer of Claude from here. */
export const quiet: NodeJS.ProcessEnv = {
  ...process.env,
  CLAUDE_ORGANIZATION_NAME: 'Example',
  CLAUDE_COUNTRY_CODE: 'DE',
  CLAUDE_INDUSTRY: 'technology',
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_NOLOGO: '1',
  DOTNET_SKIP_FIRST_TIME_EXPERIENCE: '1',
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1',
};

/**
 * The Bicep CLI: on PATH, else where `az bicep install` puts it, else the pinned NuGet package, restored into `cache`.
 * @throws Error that says how to get it when there is none and it can't be restored.
 */
export async function findBicep(cache: string, progress: (text: string) => void): Promise<string> {
  const executable = process.platform === 'win32' ? 'bicep.exe' : 'bicep';
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), join(homedir(), '.azure', 'bin')];
  const restored = join(cache, 'packages', PACKAGE_ID, VERSION, 'tools', 'bicep');
  for (const candidate of [...folders.map((folder) => join(folder, executable)), restored]) {
    if (await executes(candidate)) return candidate;
  }
  progress(`Restoring ${PACKAGE_ID} ${VERSION} from NuGet …`);
  await restore(cache);
  // NuGet unpacks files without their permissions.
  await chmod(restored, 0o755);
  return restored;
}

const executes = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

async function restore(cache: string): Promise<void> {
  const project = join(cache, 'restore', 'restore.csproj');
  await mkdir(join(cache, 'restore'), { recursive: true });
  await writeFile(
    project,
    `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net8.0</TargetFramework><DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences></PropertyGroup>
  <ItemGroup><PackageDownload Include="${PACKAGE_ID}" Version="[${VERSION}]" /></ItemGroup>
</Project>
`,
  );
  try {
    await run('dotnet', ['restore', project, '--packages', join(cache, 'packages')], { env: quiet, timeout: 180_000 });
  } catch (cause) {
    throw new Error(
      'There is no Bicep CLI. Install it with "az bicep install", put it on PATH, or install the .NET SDK on Linux x64, from which it is restored.',
      { cause },
    );
  }
}
