import { describe, expect, it } from 'vitest';
import { problemsAfter } from './edited-site.ts';

// Each row: one mistake, as the text it replaces and the text that replaces it, and the one message it gets.
describe('each mistake in site.yaml gets one message with its place and its mend', () => {
  it.each([
    ['schema: 1', 'schema: 2', '1:9: schema is 2, which is not allowed; write 1'],
    ['  name: Sound', '  nam: Sound', null],
    [
      '"9521321000018"',
      '9521321000018',
      '3:8: store.gln is 9521321000018, a number and not text; put it in quotes: "9521321000018"',
    ],
    [
      '"9521321000018"',
      '"9521321000016"',
      '3:8: "9521321000016" is not a GLN; its last digit should be 8 if the others are right',
    ],
    ['"9521321000018"', '"95213"', '3:8: "95213" is not a GLN; write its 13 digits in quotes'],
    [
      'Europe/Berlin',
      'Europe/Berln',
      '5:13: there is no time zone "Europe/Berln"; did you mean Europe/Berlin?',
    ],
    ['EUR', 'EUX', '6:13: there is no currency "EUX"; write one such as EUR'],
    [
      'EUR',
      'eur',
      '6:13: store.currency is "eur", which has the wrong form; write three capital letters, such as EUR (ISO 4217)',
    ],
    [
      'schema: 1',
      'schema: 1\nlisten:',
      '2:8: listen is empty; write its keys below it, indented, or remove the line',
    ],
    [
      'schema: 1',
      'schema: 1\nlisten: { http: "8080" }',
      '2:17: listen.http is "8080", not a whole number; write 8080 without quotes',
    ],
    [
      'schema: 1',
      'schema: 1\nlisten: { http: 70000 }',
      '2:17: listen.http is 70000, out of range; write a whole number from 0 to 65535',
    ],
    [
      'schema: 1',
      'schema: 1\nlisten: { htpp: 80 }',
      '2:11: unknown key "htpp" in listen; did you mean http?',
    ],
    [
      'schema: 1',
      'schema: 1\nlisten: { opcua: { user: { name: bms, passwordFile: word } } }',
      '2:20: a password would cross the network in the clear; write security: sign-and-encrypt',
    ],
    [
      'schema: 1',
      'schema: 1\nlisten: { opcua: { port: 1883 } }',
      '2:26: port 1883 is already that of the MQTT broker; write another',
    ],
    [
      'schema: 1',
      'schema: 1\nwallpaper: red',
      '2:1: unknown key "wallpaper"; known here: schema, store, listen, mqtt, cloud, policies, lines, devices',
    ],
    [
      'schema: 1',
      'schema: 1\nmqtt: { url: "broker:1883" }',
      '2:14: mqtt.url is "broker:1883", which has the wrong form; write an outside broker instead of the embedded one, such as mqtt://broker.store.local:1883',
    ],
    [
      'schema: 1',
      'schema: 1\npolicies: { coldChain: { chilled: { minCelsius: 6, maxCelsius: 5 } } }',
      '2:49: chilled: minCelsius 6 is not below maxCelsius 5; write less than 5',
    ],
    ['  - id: label-1', '  - id: shelf-1', null],
    [
      '  - id: door',
      '  - id: Door 1',
      '24:9: devices[5].id is "Door 1", which has the wrong form; write lower-case letters, digits and hyphens',
    ],
    [
      '  - id: door',
      '  - id: store',
      '24:5: the MQTT name store is already used by Aisle itself; give each device its own',
    ],
    [
      'profile: milesight-vs121',
      'profile: milesight-vs12',
      '25:14: there is no profile "milesight-vs12"; did you mean milesight-vs121?',
    ],
    [
      '    profile: milesight-vs121\n',
      '',
      '24:5: devices[5].profile is missing; add a line "profile: ..." (file name in devices/ without .yaml)',
    ],
    [
      '{ host: 127.0.0.1, port: 5020, unit: 1 }',
      '{ endpoint: "opc.tcp://x:1" }',
      '14:5: this address is for opcua, but the profile danfoss-ekc-202d speaks modbus; write host, port and unit',
    ],
    [
      '{ host: 127.0.0.1, port: 5020, unit: 1 }',
      '{ host: 127.0.0.1, unit: 300 }',
      '14:39: devices[2].address.unit is 300, out of range; write a whole number from 1 to 247',
    ],
    [
      '{ host: 127.0.0.1, port: 5020, unit: 1 }',
      '{ host: 127.0.0.1 }',
      '14:14: devices[2].address.unit is missing; add a line "unit: ..."',
    ],
    [
      '    address: { host: 127.0.0.1, port: 5020, unit: 1 }\n',
      '',
      '12:5: device case-1 has no address; add address with host, port and unit',
    ],
    [
      'unit: 2 }',
      'unit: 1 }',
      '18:14: Modbus unit 1 at 127.0.0.1:5020 is already used by device case-1; give each device its own',
    ],
    [
      'unit: Case 2',
      'unit: Case 1',
      '19:19: the unit "Case 1" is already used by device case-1; give each device its own',
    ],
    [
      'bind: { unit: Case 1, temperatureClass: chilled }',
      'bind: { unit: Case 1 }',
      '15:5: device case-1 (refrigeration) is not bound to a temperatureClass; add bind: { temperatureClass: chilled }',
    ],
    [
      '    bind: { unit: Case 1, temperatureClass: chilled }\n',
      '',
      '12:5: device case-1 (refrigeration) is not bound to a unit and a temperatureClass; add bind: { unit: <name of the unit>, temperatureClass: chilled }',
    ],
    [
      'temperatureClass: frozen',
      'temperatureClass: frozn',
      '19:45: devices[3].bind.temperatureClass is "frozn", which is not allowed; did you mean frozen?',
    ],
    [
      'bind: { door: Main }',
      'bind: {}',
      '26:5: device door (footfall) is not bound to a door; add bind: { door: <name of the door> }',
    ],
    [
      '  currency: EUR',
      '  currency: EUR\n  currency: EUR',
      '7:3: this key stands twice; keep one of the two lines',
    ],
    ['  timeZone:', '\ttimeZone:', null],
    ['name: Sound', 'name: "Sound', null],
  ])('%s -> %s', (from, to, message) => {
    const problems = problemsAfter('site.yaml', from, to);
    if (message === null) expect(problems.length).toBeGreaterThan(0);
    else expect(problems).toEqual([message]);
  });
});
