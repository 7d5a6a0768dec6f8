// What all parts of an app share without its being handed around.

/** @returns a function that makes one thing for each owner when first asked for it, and gives that one from then on. */
export function onePer<Owner extends object, Thing extends object>(
  make: (owner: Owner) => Thing,
): (owner: Owner) => Thing {
  const made = new WeakMap<Owner, Thing>()
  return (owner) => {
    let thing = made.get(owner)
    if (!thing) {
      thing = make(owner)
      made.set(owner, thing)
    }
    return thing
  }
}
