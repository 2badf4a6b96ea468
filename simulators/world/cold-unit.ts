import type { SiteDevice } from '../../src/config/site.ts';
import type { Random } from './random.ts';

/** A refrigerated case or a cold room, as it really is. Temperatures in degrees Celsius. */
export interface ColdUnit {
  readonly device: string;
  readonly unit: string;
  readonly frozen: boolean;
  readonly setpointCelsius: number;
  airCelsius: number;
  productCelsius: number;
  evaporatorCelsius: number;
  cooling: boolean;
  defrosting: boolean;
  doorOpen: boolean;
  /** Held open by somebody who has to let go again (a fault). */
  doorHeld: boolean;
}

/** Physics of one kind of unit: kelvin per second towards or away from the room around it. */
interface Thermals {
  readonly setpointCelsius: number;
  /** The compressor starts this far above the setpoint and stops at it. */
  readonly differentialKelvin: number;
  /** Share of the difference to the room that leaks in each second. */
  readonly leak: number;
  readonly openDoorLeak: number;
  readonly coolingKelvinPerSecond: number;
  readonly defrostKelvinPerSecond: number;
}

const CHILLED: Thermals = {
  setpointCelsius: 2,
  differentialKelvin: 1.6,
  leak: 0.0006,
  openDoorLeak: 0.005,
  coolingKelvinPerSecond: 0.045,
  defrostKelvinPerSecond: 0.012,
};
const FROZEN: Thermals = {
  setpointCelsius: -23,
  differentialKelvin: 2,
  leak: 0.00035,
  openDoorLeak: 0.003,
  coolingKelvinPerSecond: 0.05,
  defrostKelvinPerSecond: 0.012,
};

const ROOM_CELSIUS = 21;
const PRODUCT_SECONDS = 900;
const DEFROST_S = 110;
const FIRST_DEFROST_S = [240, 600] as const;
const BETWEEN_DEFROSTS_S = 1500;
const PROBE_NOISE_KELVIN = 0.03;

export interface ColdUnitModel {
  readonly state: ColdUnit;
  /** Opens the door for so many seconds, unless it is open for longer already. */
  openFor(seconds: number): void;
  holdDoor(open: boolean): void;
  /** Moves the unit on by one second. */
  step(): void;
}

export function createColdUnit(device: SiteDevice, random: Random): ColdUnitModel {
  const frozen = device.bind.temperatureClass === 'frozen';
  const thermals = frozen ? FROZEN : CHILLED;
  const { setpointCelsius } = thermals;
  const state: ColdUnit = {
    device: device.id,
    unit: device.bind.unit ?? device.id,
    frozen,
    setpointCelsius,
    airCelsius: setpointCelsius + random.uniform(0.1, thermals.differentialKelvin),
    productCelsius: setpointCelsius + thermals.differentialKelvin / 2,
    evaporatorCelsius: setpointCelsius - 4,
    cooling: false,
    defrosting: false,
    doorOpen: false,
    doorHeld: false,
  };
  let doorSecondsLeft = 0;
  let untilDefrostS = random.uniform(...FIRST_DEFROST_S);
  let defrostSecondsLeft = 0;

  const control = () => {
    untilDefrostS--;
    if (state.defrosting) {
      defrostSecondsLeft--;
      state.defrosting = defrostSecondsLeft > 0;
    } else if (untilDefrostS <= 0 && !state.cooling && state.airCelsius < setpointCelsius + 0.2) {
      // Begun when the case is coldest, so that its goods stay inside their limits.
      state.defrosting = true;
      defrostSecondsLeft = DEFROST_S;
      untilDefrostS = BETWEEN_DEFROSTS_S;
    }
    if (state.defrosting || state.airCelsius <= setpointCelsius) state.cooling = false;
    else if (state.airCelsius >= setpointCelsius + thermals.differentialKelvin) state.cooling = true;
  };
  return {
    state,
    openFor(seconds) {
      doorSecondsLeft = Math.max(doorSecondsLeft, seconds);
    },
    holdDoor(open) {
      state.doorHeld = open;
    },
    step() {
      doorSecondsLeft = Math.max(0, doorSecondsLeft - 1);
      state.doorOpen = state.doorHeld || doorSecondsLeft > 0;
      control();
      const leak = thermals.leak + (state.doorOpen ? thermals.openDoorLeak : 0);
      let change = leak * (ROOM_CELSIUS - state.airCelsius);
      if (state.cooling) change -= thermals.coolingKelvinPerSecond;
      if (state.defrosting) change += thermals.defrostKelvinPerSecond;
      state.airCelsius += change + random.normal(0, PROBE_NOISE_KELVIN / 10);
      state.productCelsius += (state.airCelsius - state.productCelsius) / PRODUCT_SECONDS;
      const coil = state.defrosting ? 8 : state.airCelsius - (state.cooling ? 8 : 2);
      state.evaporatorCelsius += (coil - state.evaporatorCelsius) / 40;
    },
  };
}

/** What the unit's controller can say, by point key of the profile; undefined for what it does not know. */
export function coldValue(state: ColdUnit, point: string): number | boolean | string | undefined {
  return SAYS[point]?.(state);
}

/** Return air is warmer than the air that leaves the evaporator, and more so while it cools. */
const acrossCoil = ({ cooling }: ColdUnit) => (cooling ? 3 : 1);

const SAYS: Readonly<Record<string, (state: ColdUnit) => number | boolean | string>> = {
  air_temperature: state => state.airCelsius,
  air_on_temperature: state => state.airCelsius + acrossCoil(state) / 2,
  air_off_temperature: state => state.airCelsius - acrossCoil(state) / 2,
  alarm_temperature: state => state.airCelsius,
  product_temperature: state => state.productCelsius,
  haccp_temperature: state => state.productCelsius,
  auxiliary_temperature: state => state.productCelsius,
  evaporator_temperature: state => state.evaporatorCelsius,
  evaporating_temperature: state => state.evaporatorCelsius - 4,
  condenser_temperature: ({ cooling }) => (cooling ? 41 : 26),
  setpoint: state => state.setpointCelsius,
  superheat: ({ cooling }) => (cooling ? 6.5 : 0),
  valve_opening: ({ cooling }) => (cooling ? 58 : 0),
  relative_humidity: ({ doorOpen }) => (doorOpen ? 78 : 65),
  control_state: ({ defrosting }) => (defrosting ? 'defrost' : 'normal'),
  cooling: state => state.cooling,
  defrosting: state => state.defrosting,
  defrost_relay: state => state.defrosting,
  door_open: state => state.doorOpen,
  fan: ({ defrosting }) => !defrosting,
  light: () => true,
  standby: () => false,
  night_mode: () => false,
  cleaning: () => false,
  controller_alarm: () => false,
  high_temperature_alarm: () => false,
  low_temperature_alarm: () => false,
  door_alarm: () => false,
  defrost_alarm: () => false,
  haccp_alarm: () => false,
  sensor_fault: () => false,
};
