//! Why there is no page: outcomes at the edge, and faults.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

/// Why a request has no ordinary answer. A rule's refusal is not here: it comes back with its form (422).
#[derive(Debug)]
pub enum Refusal {
    /// There is nothing there, or nothing that this viewer may know of.
    NotFound,
    /// The post held does not include this action.
    Forbidden,
    /// Signing in comes first; then back to this address.
    SignIn(String),
    /// Somebody else was faster.
    Stale,
    /// Sent from another site, or by something that does not say from where.
    CrossSite,
    /// Too many attempts; try again after so many seconds.
    TooMany(u64),
    /// The form cannot be read at all.
    Malformed(String),
    /// No answer in time; whether the act was done is not known. Logged once, shown with a number.
    Late,
    /// A fault of ours or of the machine; logged once, shown with a number.
    Fault(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

#[derive(Template)]
#[template(path = "web/refusal.html")]
struct RefusalPage {
    title: &'static str,
    text: String,
    reference: Option<String>,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, title, text, reference) = match self {
            Self::SignIn(back) => {
                let to = format!("/sign-in?back={}", super::forms::url_encode(&back));
                return Redirect::to(&to).into_response();
            }
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "没有这一页", "地址不对，或者您不在能看到它的范围内。".to_owned(), None)
            }
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "您的岗位没有这项权限",
                "需要办理这件事时，请联系系统管理员调整岗位角色。".to_owned(),
                None,
            ),
            Self::Stale => (
                StatusCode::CONFLICT,
                "别人刚刚办过这一步",
                "这件事在您打开页面之后有了变化，您的操作没有执行。请返回上一页，刷新后再看。".to_owned(),
                None,
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "请求不是从本站页面发出的",
                "为防冒用，这次操作没有执行。请从本站页面重新操作。".to_owned(),
                None,
            ),
            Self::TooMany(seconds) => (
                StatusCode::TOO_MANY_REQUESTS,
                "试得太快了",
                format!("请等 {seconds} 秒再试。"),
                Some(seconds.to_string()),
            ),
            Self::Malformed(text) => (StatusCode::BAD_REQUEST, "表单读不出来", text, None),
            Self::Late => {
                let reference = crate::secrets::random_hex::<4>();
                tracing::error!(reference, "no answer in time");
                let text =
                    "等了很久还没有办完，这次操作也许办成了，也许没有。请过一会儿先看一看结果，再决定要不要重做。";
                (StatusCode::SERVICE_UNAVAILABLE, "系统太忙", text.to_owned(), Some(reference))
            }
            Self::Fault(error) => {
                let reference = crate::secrets::random_hex::<4>();
                tracing::error!(reference, error = format!("{error:#}"), "fault");
                let text = "系统出了故障，这次操作没有办成；已经办成的不受影响。请稍后再试，或把下面的编号告诉管理员。";
                (StatusCode::INTERNAL_SERVER_ERROR, "系统故障", text.to_owned(), Some(reference))
            }
        };
        let retry = (status == StatusCode::TOO_MANY_REQUESTS).then(|| reference.clone()).flatten();
        let page = RefusalPage { title, text, reference: reference.filter(|_| status.is_server_error()) };
        let body = page.render().unwrap_or_else(|_| title.to_owned());
        let mut response = (status, Html(body)).into_response();
        if let Some(seconds) = retry.and_then(|seconds| HeaderValue::from_str(&seconds).ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
