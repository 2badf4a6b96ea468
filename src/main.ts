import { flushCompileCache } from 'node:module';
import { type CAC, cac } from 'cac';
import { defineCloudCommands } from './cli/cloud-commands.ts';
import type { Running } from './cli/environment.ts';
import { defineFleetCommands } from './cli/fleet/fleet-commands.ts';
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
    .option('--keep-days <days>', 'Days that events are kept; stock stays (default: 35)')
    .option('--http <port>', 'Serve console, EPCIS and HTTP API on this port too')
    .option('--stores <file>', 'Names and places of the stores: a CSV file, such as edge-config/stores.csv')
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
        keepDays: number(flags, 'keepDays', 1, 36_500) ?? undefined,
        http: port(flags, 'http') ?? undefined,
        stores: text(flags, 'stores'),
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

function defineSimulator(cli: CAC): void {
  cli
    .command('simulate [site]', 'Simulate the devices, shoppers and staff of a site on their real protocols')
    .option('--seed <number>', 'The same seed gives the same day (default: 1)')
    .option('--busy <factor>', 'How busy the store is; 1 is a usual day (default: 1)')
    .option('--console <port>', 'Truth and faults over HTTP (default: 8081)')
    .option('--http <port>', "The gateway's HTTP port, instead of the one in site.yaml")
    .option('--mqtt <port>', 'MQTT port, instead of the one in site.yaml')
    .option('--only <devices>', 'Only these devices, separated by commas')
    .option('--lines <name=path>', 'Our end of each serial line, separated by commas')
    .option('--profile <id>', 'No site: one device of this model alone')
    .option('--name <name>', 'Its name in MQTT topics and HTTP posts (default: the id of the profile)')
    .option('--unit <number>', 'Its Modbus unit (default: 1)')
    .option('--port <port>', 'Its Modbus TCP or OPC UA port (default: 5020 or 4840)')
    .option('--rtu', 'Serial frames over that TCP port')
    .option('--pty <path>', 'A serial port or pseudo-terminal instead of TCP')
    .option('--baud <rate>', "Speed of that port (default: the maker's)")
    .option('--frozen', 'It is a freezer')
    .option('--golden <number>', 'Serve this golden frame, counted from 1, instead of values that live')
    .example('  aisle simulate edge-config/demo --busy 4')
    .example('  aisle simulate --profile danfoss-ekc-202d --port 5020')
    .action((site: string | undefined, flags: Flags) => {
      if ((site === undefined) === (flags.profile === undefined)) {
        throw new UsageError('give the folder of a site, or --profile and one model');
      }
      return site === undefined ? simulateDevice(flags) : simulateSite(site, flags);
    });
}

async function simulateSite(site: string, flags: Flags): Promise<void> {
  const { runSimulator } = await import('./cli/simulate.ts');
  const only = text(flags, 'only')?.split(',');
  const options = {
    seed: number(flags, 'seed', 0, 2 ** 32 - 1) ?? 1,
    busy: number(flags, 'busy', 0.01, 100) ?? 1,
    consolePort: port(flags, 'console') ?? 8081,
    http: port(flags, 'http'),
    mqtt: port(flags, 'mqtt'),
    lines: text(flags, 'lines')?.split(',') ?? [],
    ...(only && { only }),
  };
  await serve(() => runSimulator(site, options, environment(flags)));
}

async function simulateDevice(flags: Flags): Promise<void> {
  const { runDeviceSimulator } = await import('./cli/simulate-device.ts');
  const options = {
    profile: text(flags, 'profile')!,
    name: text(flags, 'name'),
    unit: number(flags, 'unit', 1, 247) ?? 1,
    port: port(flags, 'port'),
    rtu: flags.rtu === true,
    pty: text(flags, 'pty'),
    baud: number(flags, 'baud', 300, 921_600),
    frozen: flags.frozen === true,
    golden: number(flags, 'golden', 1, 1000),
    seed: number(flags, 'seed', 0, 2 ** 32 - 1) ?? 1,
    consolePort: port(flags, 'console') ?? 8081,
    http: port(flags, 'http'),
    mqtt: port(flags, 'mqtt'),
  };
  await serve(() => runDeviceSimulator(options, environment(flags)));
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

function defineDevices(cli: CAC): void {
  cli
    .command('device <action> [profile]', 'Device models: list, check a profile, try it on a real device')
    .option(
      '--at <pairs>',
      'try: host=10.0.0.9,port=502,unit=3[,framing=rtu] or port=/dev/ttyUSB0,baud=9600,unit=3',
    )
    .option('--json', 'Machine-readable output')
    .example('  aisle device list')
    .example('  aisle device check danfoss-ekc-202d')
    .example('  aisle device try danfoss-ekc-202d --at port=/dev/ttyUSB0,baud=9600,unit=3')
    .action(async (action: string, profile: string | undefined, flags: Flags) => {
      const { checkDevice, listDevices } = await import('./cli/device-check.ts');
      const options = { json: flags.json === true, print };
      if (action === 'list') process.exitCode = listDevices(options);
      else if (action !== 'check' && action !== 'try')
        throw new UsageError(`device ${action}: give list, check or try`);
      else if (profile === undefined)
        throw new UsageError(`device ${action}: give the id or the file of a profile`);
      else if (action === 'check') process.exitCode = checkDevice(profile, options);
      else await tryDevice(profile, flags);
    });
}

async function tryDevice(profile: string, flags: Flags): Promise<void> {
  const at = text(flags, 'at');
  if (at === null) throw new UsageError('device try: say where it is with --at host=10.0.0.9,unit=3');
  const { tryDevice } = await import('./cli/device-try.ts');
  const options = { at, json: flags.json === true, ...environment(flags) };
  process.exitCode = await tryDevice(profile, options);
}

function defineAdoption(cli: CAC): void {
  cli
    .command('adopt <site>', "Add a device to a site's site.yaml, checked whole before it is written")
    .option('--id <id>', 'Your name for the device')
    .option('--profile <id>', 'Its model; see aisle device list')
    .option('--address <pairs>', 'host=10.0.0.9,port=502,unit=3 or endpoint=opc.tcp://... or name=...')
    .option('--bind <pairs>', 'unit=Case 9,temperatureClass=chilled or door=... or fixture=...')
    .option('--json', 'Machine-readable output')
    .example(
      '  aisle adopt edge-config/demo --id case-9 --profile danfoss-ekc-202d --address host=10.0.0.9,unit=3',
    )
    .action(async (site: string, flags: Flags) => {
      const { adopt } = await import('./cli/adopt.ts');
      const [id, profile] = [text(flags, 'id'), text(flags, 'profile')];
      if (id === null || profile === null) throw new UsageError('adopt: give --id and --profile');
      const [address, bind] = [text(flags, 'address'), text(flags, 'bind')];
      process.exitCode = adopt(site, { id, profile, address, bind, json: flags.json === true, print });
    });
}

function defineField(cli: CAC): void {
  cli
    .command('bus <site>', 'What each Modbus line carries, who uses it, and what interval is reachable')
    .option('--http <address>', 'Measured figures of the gateway that runs there; otherwise an estimate')
    .option('--json', 'Machine-readable output')
    .example('  aisle bus edge-config/demo')
    .example('  aisle bus edge-config/demo --http http://127.0.0.1:8080')
    .action(async (site: string, flags: Flags) => {
      const { showBuses } = await import('./cli/bus.ts');
      await showBuses(site, { http: text(flags, 'http'), json: flags.json === true, print });
    });
  cli
    .command('configuration', 'The policies that a running gateway has in force, and whose they are')
    .option('--http <address>', 'The gateway (default: http://127.0.0.1:8080)')
    .option('--use-files', "Put the policies of the store's own site.yaml in force again")
    .option('--json', 'Machine-readable output')
    .example('  aisle configuration')
    .action(async (flags: Flags) => {
      const { showConfiguration } = await import('./cli/configuration.ts');
      const http = text(flags, 'http') ?? 'http://127.0.0.1:8080';
      const options = { http, useFiles: flags.useFiles === true, json: flags.json === true };
      await showConfiguration(options, environment(flags));
    });
  cli
    .command('discover <protocol> [endpoint]', 'Who is there and what it may be: modbus, mqtt or opcua')
    .option('--at <pairs>', 'modbus: host=10.0.0.9,port=502[,framing=rtu] or port=/dev/ttyUSB0,baud=9600')
    .option('--units <list>', 'modbus: units to ask (default: 1-32)')
    .option('--timeout <ms>', 'modbus: how long each unit is waited for (default: 300)')
    .option('--http <address>', 'mqtt: the gateway that runs the broker (default: http://127.0.0.1:8080)')
    .option('--json', 'Machine-readable output')
    .example('  aisle discover modbus --at port=/dev/ttyUSB0,baud=9600 --units 1-16')
    .example('  aisle discover mqtt')
    .example('  aisle discover opcua opc.tcp://10.0.0.7:4840')
    .action(async (protocol: string, endpoint: string | undefined, flags: Flags) => {
      process.exitCode = await discover(protocol, endpoint ?? null, flags);
    });
}

async function discover(protocol: string, endpoint: string | null, flags: Flags): Promise<0 | 1> {
  const found = await import('./cli/discover.ts');
  const options = { ...environment(flags), json: flags.json === true };
  if (protocol === 'mqtt') {
    return found.discoverStrangers(text(flags, 'http') ?? 'http://127.0.0.1:8080', options);
  }
  if (protocol === 'opcua') {
    if (endpoint === null)
      throw new UsageError('discover opcua: give an endpoint, such as opc.tcp://10.0.0.7:4840');
    return found.discoverOpcua({ endpoint }, options);
  }
  const at = text(flags, 'at');
  if (protocol !== 'modbus') throw new UsageError(`discover ${protocol}: give modbus, mqtt or opcua`);
  if (at === null) throw new UsageError('discover modbus: say where with --at host=10.0.0.9,port=502');
  const units = found.unitList(text(flags, 'units') ?? '1-32');
  return found.discoverModbus(at, units, number(flags, 'timeout', 10, 10_000) ?? 300, options);
}

async function main(): Promise<void> {
  const cli = cac('aisle');
  cli.option('--log <level>', 'debug, info, warn, error or silent, as JSON lines on standard error');
  cli.example('  aisle demo');
  cli.example('  aisle check edge-config/minimal');
  cli.example('  aisle run edge-config/minimal --data data/minimal');
  defineServers(cli);
  defineSimulator(cli);
  defineTools(cli);
  defineCloudCommands(cli, { text, number, environment });
  defineFleetCommands(cli, { text, number, environment, serve });
  defineDevices(cli);
  defineAdoption(cli);
  defineField(cli);
  cli.help();
  cli.version(packageVersion());
  cli.parse(process.argv, { run: false });
  if (cli.options.help || cli.options.version) return;
  if (!cli.matchedCommand) {
    throw new UsageError(
      cli.args[0] ? `unknown command "${cli.args[0]}"; see aisle --help` : 'see aisle --help',
    );
  }
  const code: unknown = await cli.runMatchedCommand();
  if (typeof code === 'number') process.exitCode = code;
}

main().catch((error: unknown) => {
  const wrongUse = error instanceof UsageError || (error instanceof Error && error.name === 'CACError');
  process.stderr.write(`aisle: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(wrongUse ? 2 : 1);
});
