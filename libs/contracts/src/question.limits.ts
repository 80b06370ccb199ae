/* Characters of what a model asks whom it serves, and of what they answer: both stand in every later request to the model. */

export const QUESTION_CHARS_MAX = 2_000;
export const REPLY_CHARS_MAX = 4_000;
/** Questions of one step. */
export const QUESTIONS_MAX = 20;
