let failures = 0;

/** One check of many: prints its outcome, and goes on where `body` throws. */
export async function check(what, body) {
  try {
    await body();
    console.log(`  ok    ${what}`);
  } catch (error) {
    console.log(`  FAIL  ${what}\n${error.message}`);
    failures++;
  }
}

/** After the last check: ends the process with an error if one failed; `hint` says where to look. */
export function finish(hint) {
  if (failures === 0) return;
  console.error(`${failures} checks failed; ${hint}`);
  process.exit(1);
}
