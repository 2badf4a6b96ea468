import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DataType,
  MessageSecurityMode,
  nodesets,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  type UAObject,
  type UAVariable,
} from 'node-opcua';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadProfiles } from '../../../src/config/load-profiles.ts';
import { createOpcuaDriver } from '../../../src/drivers/opcua/opcua-driver.ts';
import { freePorts } from '../../support/free-ports.ts';
import { waitFor } from '../../support/wait-for.ts';
import { listen, siteOf } from '../modbus/bus-fixtures.ts';

const SCALES = 'http://opcfoundation.org/UA/Scales/V2/';

// The server has the published types of OPC 40200, so a wrong name in the profile finds nothing here.
const folder = mkdtempSync(join(tmpdir(), 'aisle-scale-'));
let server: OPCUAServer;
let port: number;

beforeAll(async () => {
  [port] = (await freePorts(1)) as [number];
  const { standard, di, ia, machinery, packML, scales } = nodesets;
  server = new OPCUAServer({
    port,
    host: '127.0.0.1',
    hostname: '127.0.0.1',
    nodeset_filename: [standard, di, ia, machinery, packML, scales],
    securityModes: [MessageSecurityMode.None],
    securityPolicies: [SecurityPolicy.None],
    serverCertificateManager: new OPCUACertificateManager({ rootFolder: join(folder, 'server') }),
    userCertificateManager: new OPCUACertificateManager({ rootFolder: join(folder, 'users') }),
  });
  await server.initialize();
  const addressSpace = server.engine.addressSpace!;
  const index = addressSpace.getNamespaceIndex(SCALES);
  const type = addressSpace.findObjectType('SimpleScaleType', index)!;
  const scale = type.instantiate({
    browseName: 'CounterScale',
    nodeId: 's=CounterScale',
    organizedBy: addressSpace.rootFolder.objects,
    optionals: [
      'CurrentWeight.Gross',
      'CurrentWeight.Net',
      'CurrentWeight.Tare',
      'CurrentWeight.InsideZero',
      'CurrentWeight.WeightStable',
    ],
  }) as UAObject;
  const weight = scale.getComponentByName('CurrentWeight', index)!;
  const set = (name: string, dataType: DataType, value: number | boolean) =>
    (weight.getChildByName(name, index) as UAVariable | null)?.setValueFromSource({ dataType, value });
  set('Gross', DataType.Double, 12.9);
  set('Net', DataType.Double, 12.5);
  set('Tare', DataType.Double, 0.4);
  for (const name of ['Overload', 'Underload', 'InsideZero']) set(name, DataType.Boolean, false);
  set('WeightStable', DataType.Boolean, true);
  await server.start();
}, 60_000);

afterAll(async () => {
  await server.shutdown(0);
  rmSync(folder, { recursive: true, force: true });
});

test('a scale of the published OPC 40200 types is read by its standard names', async () => {
  const heard = listen();
  const profile = loadProfiles('devices').profiles.get('opc-40200-scale')!;
  const own = server.engine.addressSpace!.getOwnNamespace().namespaceUri;
  const { devices } = siteOf({
    id: 'scale',
    profile,
    address: {
      protocol: 'opcua',
      endpoint: `opc.tcp://127.0.0.1:${port}`,
      root: `nsu=${own};s=CounterScale`,
    },
    bind: {},
  });
  const driver = createOpcuaDriver({ devices, folder }, heard.context, folder);
  await driver.start();
  try {
    await waitFor('all points', () => heard.presence('scale').length > 0, 20_000);
    const values = profile.points.map(({ key }) => [key, heard.last('scale', key)?.value]);
    expect(Object.fromEntries(values)).toEqual({
      gross_weight: 12_900,
      net_weight: 12_500,
      tare_weight: 400,
      weight_stable: true,
      weight_zero: false,
      overload: false,
      underload: false,
    });
    expect(heard.presence('scale')).toEqual(['online']);
  } finally {
    await driver.stop(5_000);
  }
}, 30_000);
