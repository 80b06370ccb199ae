/** One of the choices, each as likely as the others. */
export function oneOf<Choice extends object | string | number>(
  random: () => number,
  choices: readonly Choice[],
): Choice {
  const chosen = choices[Math.floor(random() * choices.length)];
  if (chosen === undefined) throw new Error('there is nothing to choose from');
  return chosen;
}
