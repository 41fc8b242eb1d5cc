import { type ClusterEvent, type HintFunction, matchesEvent } from '../framework/events.js';
import { EXTENDER_PLUGIN } from '../framework/extender.js';
import type { Profile } from '../framework/profile.js';

/** A plugin that waits for an event, and what it says of it; without a hint every such event is worth a try. */
export interface Interest {
  readonly plugin: string;
  readonly hint: HintFunction | undefined;
}

/** Which plugins wait for which events, by profile. As queueingHintMap with MatchClusterEvents. */
export class Interests {
  readonly #profiles: ReadonlyMap<string, Profile>;
  /** By resource, then by action: a joined key would have to be made for each event. */
  readonly #found = new Map<string, Map<string, ReadonlyMap<string, readonly Interest[]>>>();

  /** A pod that an extender refused is worth a try after any event. */
  readonly #ofExtenders: readonly Interest[];

  constructor(profiles: Iterable<Profile>, hasExtenders = false) {
    this.#ofExtenders = hasExtenders ? [{ plugin: EXTENDER_PLUGIN, hint: undefined }] : [];
    this.#profiles = new Map([...profiles].map((profile) => [profile.schedulerName, profile]));
  }

  /** Interests in an event of the plugins of one profile. */
  of(schedulerName: string, event: ClusterEvent): readonly Interest[] {
    return this.#byProfile(event).get(schedulerName) ?? [];
  }

  /** Somebody waits for such events. */
  isAwaited(event: ClusterEvent): boolean {
    return this.#byProfile(event).size > 0;
  }

  #byProfile(event: ClusterEvent): ReadonlyMap<string, readonly Interest[]> {
    let ofResource = this.#found.get(event.resource);
    if (ofResource === undefined) {
      ofResource = new Map();
      this.#found.set(event.resource, ofResource);
    }
    let found = ofResource.get(event.action);
    if (found === undefined) {
      const interests = new Map<string, readonly Interest[]>();
      for (const [name, profile] of this.#profiles) {
        const ofProfile = [...interestsOf(profile, event), ...this.#ofExtenders];
        if (ofProfile.length > 0) {
          interests.set(name, ofProfile);
        }
      }
      found = interests;
      ofResource.set(event.action, found);
    }
    return found;
  }
}

/** A plugin that may refuse pods and registers nothing is taken to wait for everything. */
const interestsOf = (profile: Profile, event: ClusterEvent): readonly Interest[] =>
  profile.plugins.flatMap((plugin) => {
    if (plugin.eventsToRegister === undefined) {
      const mayRefuse = plugin.preEnqueue ?? plugin.preFilter ?? plugin.filter ?? plugin.reserve ?? plugin.permit;
      return mayRefuse === undefined ? [] : [{ plugin: plugin.name, hint: undefined }];
    }
    return plugin
      .eventsToRegister()
      .filter((registered) => matchesEvent(registered, event))
      .map(({ hint }) => ({ plugin: plugin.name, hint }));
  });
