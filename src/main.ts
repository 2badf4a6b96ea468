import { flushCompileCache } from 'node:module';
import { type CAC, cac } from 'cac';
import { defineCloudCommands } from './cli/cloud-commands.ts';
import type { Running } from './cli/environment.ts';
import { sleep, systemClock } from './shared/clock.ts';
import { limits } from './shared/limits.ts';
import { createLog, type LogLevel } from './shared/log.ts';
import { packageVersion } from './shared/package-root.ts';

/** argv, signals and the exit code. What a command does stands in src/cli. */

type Flags = Readonly<Record<string, string | number | boolean | undefined>>;

/** Something wrong in the words of the call itself: exit code 2. */
class UsageError extends Error {}

const clock = systemClock();
const print = (line: string) => void process.stdout.write(`${line}\n`);

const text = (flags: Flags, name: string): string | null =>
  flags[name] === undefined ? null : String(flags[name]);

function number(flags: Flags, name: string, min: number, max: number): number | null {
  const value = flags[name];
  if (value === undefined) return null;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new UsageError(`--${name} ${value}: give a number from ${min} to ${max}`);
}

const port = (flags: Flags, name: string) => number(flags, name, 0, 65_535);

function environment(flags: Flags) {
  const level = text(flags, 'log') ?? 'warn';
  if (!['debug', 'info', 'warn', 'error', 'silent'].includes(level)) {
    throw new UsageError(`--log ${level}: give debug, info, warn, error or silent`);
  }
  return { clock, log: createLog(level as LogLevel), random: Math.random, print };
}

/** Runs until Ctrl-C, a kill, or the end of the parent that started it over an IPC channel. */
async function serve(start: () => Promise<Running>): Promise<void> {
  const asked = Promise.withResolvers<null>();
  for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(event, () => asked.resolve(null));
  const running = await start();
  process.send?.('ready');
  // Node itself would do so at the end, which a power cut does not wait for.
  flushCompileCache();
  const failure = await Promise.race([asked.promise, ...(running.failed ? [running.failed] : [])]);
  await Promise.race([running.stop(), sleep(clock, limits.stopMs)]);
  if (failure) throw failure;
  process.exit(0);
}

function defineServers(cli: CAC): void {
  cli
    .command('run <site>', 'Run the gateway of one store')
    .option('--data <folder>', 'Where its state lives (default: data/<site>)')
    .option('--http <port>', 'Dashboard and API, instead of the port in site.yaml')
    .option('--mqtt <port>', 'Embedded MQTT broker, instead of the port in site.yaml')
    .example('  aisle run edge-config/demo --data /var/lib/aisle')
    .action(async (site: string, flags: Flags) => {
      const { runGateway } = await import('./cli/run.ts');
      const options = { data: text(flags, 'data'), http: port(flags, 'http'), mqtt: port(flags, 'mqtt') };
      await serve(() => runGateway(site, options, environment(flags)));
    });
  cli
    .command('simulate <site>', 'Simulate the devices, shoppers and staff of a site on their real protocols')
    .option('--seed <number>', 'The same seed gives the same day (default: 1)')
    .option('--busy <factor>', 'How busy the store is; 1 is a usual day (default: 1)')
    .option('--console <port>', 'Truth and faults over HTTP (default: 8081)')
    .option('--http <port>', "The gateway's HTTP port, instead of the one in site.yaml")
    .option('--mqtt <port>', 'MQTT port, instead of the one in site.yaml')
    .option('--only <devices>', 'Only these devices, separated by commas')
    .example('  aisle simulate edge-config/demo --busy 4')
    .action(async (site: string, flags: Flags) => {
      const { runSimulator } = await import('./cli/simulate.ts');
      const only = text(flags, 'only')?.split(',');
      const options = {
        seed: number(flags, 'seed', 0, 2 ** 32 - 1) ?? 1,
        busy: number(flags, 'busy', 0.01, 100) ?? 1,
        consolePort: port(flags, 'console') ?? 8081,
        http: port(flags, 'http'),
        mqtt: port(flags, 'mqtt'),
        ...(only && { only }),
      };
      await serve(() => runSimulator(site, options, environment(flags)));
    });
  cli
    .command('hub', 'Run the reference cloud inventory')
    .option('--data <folder>', 'Embedded database in this folder (default: data/hub)')
    .option('--postgres <url>', 'A PostgreSQL server instead of the embedded database')
    .option('--grpc <port>', 'Port of the gRPC services (default: 50051)')
    .option('--host <address>', 'Address to listen on (default: 127.0.0.1)')
    .option(
      '--authority <folder>',
      "Ask for certificates of the chain's authority, founded when it is missing",
    )
    .option('--names <names>', 'Names and addresses by which stores reach the hub, separated by commas')
    .option('--enrol <port>', 'Port on which gateways get their certificate (default: 50052)')
    .example('  aisle hub --postgres postgres://aisle@127.0.0.1/aisle')
    .action(async (flags: Flags) => {
      const { runHub } = await import('./cli/hub.ts');
      const postgres = text(flags, 'postgres');
      const data = text(flags, 'data');
      if (postgres && data) throw new UsageError('--data and --postgres exclude each other; give one');
      const options = {
        postgres,
        data: postgres ? null : (data ?? 'data/hub'),
        host: text(flags, 'host') ?? '127.0.0.1',
        grpcPort: port(flags, 'grpc') ?? 50_051,
        authority: text(flags, 'authority'),
        names: text(flags, 'names')?.split(',') ?? [],
        enrolPort: port(flags, 'enrol') ?? 50_052,
      };
      await serve(() => runHub(options, environment(flags)));
    });
  cli
    .command('demo', 'Run the demo store: hub, gateway and simulated devices together')
    .option('--data <folder>', 'Where its state lives (default: data)')
    .option('--busy <factor>', 'How busy the store is (default: 6)')
    .option('--seed <number>', 'The same seed gives the same day (default: 1)')
    .action(async (flags: Flags) => {
      const { runDemo } = await import('./cli/demo.ts');
      const options = {
        data: text(flags, 'data') ?? 'data',
        busy: number(flags, 'busy', 0.01, 100) ?? 6,
        seed: number(flags, 'seed', 0, 2 ** 32 - 1) ?? 1,
      };
      await serve(() => runDemo(options, environment(flags)));
    });
}

function defineTools(cli: CAC): void {
  cli
    .command('check <site>', 'Report every mistake in a site and the profiles it uses')
    .option('--json', 'Machine-readable output')
    .example('  aisle check edge-config/demo')
    .action(async (site: string, flags: Flags) => {
      const { checkSite } = await import('./cli/check.ts');
      process.exitCode = checkSite(site, { json: flags.json === true, print });
    });
}

async function main(): Promise<void> {
  const cli = cac('aisle');
  cli.option('--log <level>', 'debug, info, warn, error or silent, as JSON lines on standard error');
  cli.example('  aisle demo');
  cli.example('  aisle check edge-config/minimal');
  cli.example('  aisle run edge-config/minimal --data data/minimal');
  defineServers(cli);
  defineTools(cli);
  defineCloudCommands(cli, { text, number, environment });
  cli.help();
  cli.version(packageVersion());
  cli.parse(process.argv, { run: false });
  if (cli.options.help || cli.options.version) return;
  if (!cli.matchedCommand) {
    throw new UsageError(
      cli.args[0] ? `unknown command "${cli.args[0]}"; see aisle --help` : 'see aisle --help',
    );
  }
  await cli.runMatchedCommand();
}

main().catch((error: unknown) => {
  const wrongUse = error instanceof UsageError || (error instanceof Error && error.name === 'CACError');
  process.stderr.write(`aisle: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(wrongUse ? 2 : 1);
});
