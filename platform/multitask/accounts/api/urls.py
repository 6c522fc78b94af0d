from django.urls import path

from multitask.accounts.api import account_views, google_views, people_views, views

urlpatterns = [
    path("auth/register/", views.RegisterView.as_view(), name="auth-register"),
    path("auth/login/", views.LoginView.as_view(), name="auth-login"),
    path("auth/logout/", views.LogoutView.as_view(), name="auth-logout"),
    path("auth/logout-all/", views.LogoutAllView.as_view(), name="auth-logout-all"),
    path("auth/token/refresh/", views.RefreshView.as_view(), name="auth-token-refresh"),
    path("auth/token/verify/", views.TokenVerifyView.as_view(), name="auth-token-verify"),
    path("auth/ws-ticket/", views.TicketView.as_view(), name="auth-ws-ticket"),
    path("auth/user/", account_views.OwnAccountView.as_view(), name="auth-user"),
    path("auth/export/", account_views.ExportView.as_view(), name="auth-export"),
    path("auth/password/change/", account_views.PasswordChangeView.as_view(), name="auth-password-change"),
    path("auth/password/reset/", account_views.PasswordResetView.as_view(), name="auth-password-reset"),
    path(
        "auth/password/reset/confirm/",
        account_views.PasswordResetConfirmView.as_view(),
        name="auth-password-reset-confirm",
    ),
    path("auth/email/verify/", account_views.EmailVerifyView.as_view(), name="auth-email-verify"),
    path("auth/email/resend/", account_views.EmailResendView.as_view(), name="auth-email-resend"),
    path("auth/google/", google_views.GoogleCodeView.as_view(), name="auth-google"),
    path("auth/google/login/", google_views.GoogleBeginView.as_view(), name="auth-google-login"),
    path("auth/google/callback/", google_views.GoogleCallbackView.as_view(), name="auth-google-callback"),
    path("users/", people_views.PeopleView.as_view(), name="user-list"),
    path("users/<int:pk>/", people_views.PersonView.as_view(), name="user-detail"),
]
