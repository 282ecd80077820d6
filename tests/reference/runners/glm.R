# Writes tests/reference/fixtures/glm.json: logistic recalibration of three made-up score columns by R's glm.
# Run from the package root: Rscript tests/reference/runners/glm.R   (base R and jsonlite)
# Rows come from the formula of proc.R; a score s out of `levels` is read as the probability (s + 0.5) / (levels + 1).
suppressMessages(library(jsonlite))
lines <- readLines("tests/reference/runners/proc.R")
start <- grep("^cohort <- function", lines)
end <- start + which(lines[start:length(lines)] == "}")[1] - 1
eval(parse(text = lines[start:end]))

specs <- list(
  extreme = list(seed = 300001, n = 250, perMille = 300, levels = 1000, shiftFirst = 0, shiftSecond = 0),
  shifted = list(seed = 300002, n = 400, perMille = 150, levels = 1000, shiftFirst = 0, shiftSecond = 0),
  balanced = list(seed = 300003, n = 120, perMille = 500, levels = 60, shiftFirst = 0, shiftSecond = 0))
one <- function(spec) {
  d <- do.call(cohort, spec)
  # Labels lean on the score, so that there is something to recalibrate: rows above two thirds turn positive.
  label <- ifelse(d$first > spec$levels * 2 / 3, 1, d$label)
  x <- qlogis((d$first + 0.5) / (spec$levels + 1))
  tight <- glm.control(epsilon = 1e-14, maxit = 100)
  large <- summary(glm(label ~ 1, offset = x, family = binomial, control = tight))$coefficients
  line <- summary(glm(label ~ x, family = binomial, control = tight))$coefficients
  list(spec = spec, intercept = large[1, 1], interceptSe = large[1, 2], slope = line[2, 1], slopeSe = line[2, 2])
}
write(toJSON(list(generated_by = "tests/reference/runners/glm.R", R = R.version.string, cases = lapply(specs, one)),
             digits = 17, auto_unbox = TRUE), "tests/reference/fixtures/glm.json")
