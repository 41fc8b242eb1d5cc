import type { ResourceRequirements } from '../generated/types.js';
import { amountOf, formatAmount, roundUpAmount } from '../quantity.js';
import type { ResourceList } from '../resource-list.js';
import { change, settled } from './fill.js';

const MILLI = -3;

/** SetDefaults_ResourceList: nothing finer than a thousandth. */
export const defaultResourceList: (list: ResourceList) => ResourceList = settled((list) => {
  const isFine = Object.values(list).some((quantity) => amountOf(quantity).scale < MILLI);
  return isFine
    ? Object.fromEntries(
        Object.entries(list).map(([name, quantity]) => [name, formatAmount(roundUpAmount(amountOf(quantity), MILLI))]),
      )
    : list;
});

export const defaultResources = (resources: ResourceRequirements): ResourceRequirements =>
  change(resources, {
    ...(resources.limits && { limits: defaultResourceList(resources.limits) }),
    ...(resources.requests && { requests: defaultResourceList(resources.requests) }),
  });
