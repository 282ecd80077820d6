# Writes tests/reference/fixtures/proc.json: what pROC says about AUCs, their variances, intervals, tests and curves.
# Run from the package root: Rscript tests/reference/runners/proc.R   (R, pROC >= 1.18 and jsonlite)
# The tests read the fixture only; they need no R. No data is stored: both sides draw it from the same formula.
suppressMessages({library(pROC); library(jsonlite)})

# The generator of Lehmer (Park & Miller 1988): state <- 16807 * state mod (2^31 - 1), exact in doubles.
# Row by row: one draw for the label, five for the scores; tests/reference/proc/proc-cohort.ts does the same.
# Scores are whole numbers: floor(levels * (u1 + u2 + u3) / 3) + shift * label, so ties are exact on both sides.
cohort <- function(seed, n, perMille, levels, shiftFirst, shiftSecond) {
  state <- seed
  modulus <- 2147483647
  draws <- numeric(6 * n)
  for (k in seq_len(6 * n)) {
    state <- (16807 * state) %% modulus
    draws[k] <- state / modulus
  }
  u <- matrix(draws, ncol = 6, byrow = TRUE)
  label <- as.integer(floor(1000 * u[, 1]) < perMille)
  list(label = label,
       first = floor(levels * (u[, 2] + u[, 3] + u[, 4]) / 3) + shiftFirst * label,
       second = floor(levels * (u[, 2] + u[, 5] + u[, 6]) / 3) + shiftSecond * label)
}

curve <- function(label, score) roc(label, score, levels = c(0, 1), direction = "<", quiet = TRUE)
bounds <- function(r, level) as.numeric(ci.auc(r, conf.level = level, method = "delong"))[c(1, 3)]

specs <- list(
  plain = list(seed = 11, n = 300, perMille = 300, levels = 100000, shiftFirst = 20000, shiftSecond = 12000),
  ties = list(seed = 12, n = 300, perMille = 400, levels = 7, shiftFirst = 1, shiftSecond = 2),
  two_valued = list(seed = 13, n = 80, perMille = 500, levels = 2, shiftFirst = 1, shiftSecond = 0),
  rare = list(seed = 14, n = 2000, perMille = 15, levels = 1000, shiftFirst = 150, shiftSecond = 180),
  worse_than_chance = list(seed = 15, n = 200, perMille = 500, levels = 50, shiftFirst = -15, shiftSecond = -5),
  near_perfect = list(seed = 16, n = 400, perMille = 250, levels = 1000, shiftFirst = 700, shiftSecond = 600),
  youden_tie = list(seed = 200002, n = 60, perMille = 500, levels = 40, shiftFirst = 12, shiftSecond = 6),
  two_positives = list(seed = 100005, n = 40, perMille = 50, levels = 30, shiftFirst = 5, shiftSecond = 8),
  large = list(seed = 18, n = 160000, perMille = 480, levels = 1000000, shiftFirst = 120000, shiftSecond = 118000),
  large_ties = list(seed = 19, n = 200000, perMille = 100, levels = 256, shiftFirst = 60, shiftSecond = 40))

one <- function(spec) {
  d <- do.call(cohort, spec)
  a <- curve(d$label, d$first)
  b <- curve(d$label, d$second)
  paired <- roc.test(a, b, paired = TRUE, method = "delong")
  paired90 <- roc.test(a, b, paired = TRUE, method = "delong", conf.level = 0.9)
  out <- list(
    spec = spec, positives = sum(d$label), negatives = sum(1 - d$label),
    auc = as.numeric(auc(a)), variance = var(a, method = "delong"), ci95 = bounds(a, 0.95), ci90 = bounds(a, 0.9),
    paired = list(auc = as.numeric(auc(b)), variance = var(b, method = "delong"),
                  covariance = cov(a, b, method = "delong"), z = unname(paired$statistic), p = paired$p.value,
                  ci95 = as.numeric(paired$conf.int), ci90 = as.numeric(paired90$conf.int)))
  # Even against odd rows: two samples without a row in common.
  odd <- seq_along(d$label) %% 2 == 1
  sizes <- table(factor(d$label, 0:1), factor(odd, c(FALSE, TRUE)))
  if (min(sizes) >= 2) {
    unpaired <- suppressWarnings(roc.test(curve(d$label[odd], d$first[odd]), curve(d$label[!odd], d$first[!odd]),
                                          paired = FALSE, method = "delong"))
    out$unpaired <- list(statistic = unname(unpaired$statistic), df = unname(unpaired$parameter), p = unpaired$p.value)
  }
  if (spec$n <= 300) {
    all <- coords(a, "all", ret = c("fpr", "tpr"), transpose = FALSE)
    out$points <- list(fpr = rev(all$fpr), tpr = rev(all$tpr))
  }
  best <- coords(a, "best", best.method = "youden", ret = c("fpr", "tpr"), transpose = FALSE)
  best <- best[order(best$fpr, best$tpr), ]
  out$youden <- list(fpr = best$fpr[1], tpr = best$tpr[1], count = nrow(best))
  out
}

fixture <- list(
  generated_by = "tests/reference/runners/proc.R",
  versions = list(R = R.version.string, pROC = as.character(packageVersion("pROC"))),
  cases = lapply(specs, one))
dir.create("tests/reference/fixtures", showWarnings = FALSE, recursive = TRUE)
write(toJSON(fixture, digits = 17, auto_unbox = TRUE, na = "null", pretty = FALSE), "tests/reference/fixtures/proc.json")
